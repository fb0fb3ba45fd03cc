//! What calls of models cost.

mod batch;
mod books;
mod groups;
mod row;
mod write_off;

use crate::sql::{
    Day, Prepared, Scope, Store, Uid,
    schema::{budget_months as months, model_calls as calls},
    unit::Unit,
};
use agents::{
    dispatch::{BudgetMonth, CallGroup, Held, Hold, ModelCall, Spending},
    ports::models::{BudgetLedger, ModelCallReader},
};
use async_trait::async_trait;
pub(crate) use books::Books;
use books::Entry;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use kernel::{Page, PageRequest, PicoUsd, StoreResult, SystemScope, Timestamp, WorkspaceScope};
use row::{EndRow, EndedRow, HeadRow, call};

fn spending(row: Option<(i64, i64)>) -> Spending {
    row.map_or_else(Spending::default, |(spent, reserved)| Spending {
        spent: PicoUsd::new(spent),
        reserved: PicoUsd::new(reserved),
    })
}

impl<S: Scope> Unit<S> {
    /// Adds to what a month spent and holds; `false` when it has no row yet.
    async fn add_up(
        &mut self,
        (workspace, month): (Uid, Day),
        spent: i64,
        reserved: i64,
    ) -> StoreResult<bool> {
        let own = months::table.filter(months::workspace_id.eq(workspace)).filter(months::month.eq(month));
        let counted = diesel::update(own)
            .set((months::spent.eq(months::spent + spent), months::reserved.eq(months::reserved + reserved)));
        let counted = Prepared(counted).execute(self.conn()?).await;
        Ok(self.note(counted)? == 1)
    }
}

#[async_trait]
impl BudgetLedger for Store {
    async fn hold(&self, scope: &WorkspaceScope, hold: &Hold, limit: Option<PicoUsd>) -> StoreResult<Held> {
        self.book(scope, Entry::Hold(Box::new(hold.clone()), limit)).await
    }

    async fn settle(&self, scope: &WorkspaceScope, call: &ModelCall) -> StoreResult<()> {
        self.book(scope, Entry::Settle(Box::new(call.clone()))).await.map(drop)
    }

    async fn write_off(&self, scope: &SystemScope, now: Timestamp, most: u32) -> StoreResult<u32> {
        let mut written_off = 0;
        // Each in a unit of its own: two of them hold the rows of two months and never wait for each other.
        for place in self.due(scope, now, most).await? {
            written_off += u32::from(self.write_off_one(place, now).await?);
        }
        Ok(written_off)
    }
}

#[async_trait]
impl ModelCallReader for Store {
    async fn page(&self, scope: &WorkspaceScope, request: &PageRequest) -> StoreResult<Page<ModelCall>> {
        let mut query = calls::table
            .filter(calls::workspace_id.eq(Uid::from(scope.workspace())))
            .order(calls::id.desc())
            .limit(i64::from(request.limit.get()) + 1)
            .select((calls::id, HeadRow::as_select(), EndRow::as_select()))
            .into_boxed();
        if let Some(after) = request.after {
            query = query.filter(calls::id.lt(Uid(after)));
        }
        let rows: Vec<EndedRow> = self.read(scope, query).await?;
        let ended = rows.into_iter().map(call).collect::<StoreResult<Vec<_>>>()?;
        Ok(Page::cut(ended, request.limit, |call| call.head.id.uuid()))
    }

    async fn groups(&self, scope: &WorkspaceScope, month: BudgetMonth) -> StoreResult<Vec<CallGroup>> {
        self.read_groups(scope, month).await
    }

    async fn spending(&self, scope: &WorkspaceScope, month: BudgetMonth) -> StoreResult<Spending> {
        let own = months::table
            .filter(months::workspace_id.eq(Uid::from(scope.workspace())))
            .filter(months::month.eq(Day(month.first_day())))
            .select((months::spent, months::reserved));
        let rows: Vec<(i64, i64)> = self.read(scope, own).await?;
        Ok(spending(rows.into_iter().next()))
    }
}
