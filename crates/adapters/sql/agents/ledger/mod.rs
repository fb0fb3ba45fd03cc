//! What calls of models cost.

mod batch;
mod books;
mod groups;
mod row;

use crate::{
    dialect,
    sql::{
        Day, Prepared, Scope, Store, SystemUnit, Time, Uid,
        schema::{budget_months as months, model_calls as calls},
        unit::Unit,
    },
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
use kernel::{
    Page, PageRequest, PicoUsd, StoreError, StoreResult, SystemScope, Timestamp, UnitOfWork, WorkspaceScope,
};
use row::{EndRow, EndedRow, HeadRow, call, lost};

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
        while written_off < most && self.write_off_one(scope, now).await? {
            written_off += 1;
        }
        Ok(written_off)
    }
}

impl Store {
    async fn write_off_one(&self, scope: &SystemScope, now: Timestamp) -> StoreResult<bool> {
        let units: &dyn UnitOfWork<SystemUnit, SystemScope> = self;
        units
            .run(scope, async |unit| {
                let due = calls::table
                    .filter(calls::ended_as.is_null())
                    .filter(calls::lease_until.le(Time(now)))
                    .order((calls::lease_until, calls::id))
                    .select((
                        calls::id,
                        calls::workspace_id,
                        calls::month,
                        calls::held,
                        calls::input_cost,
                        calls::started_at,
                    ))
                    .limit(1);
                let due = dialect::unheld!(due).load::<(Uid, Uid, Day, i64, i64, Time)>(unit.conn()?).await;
                let Some((id, workspace, month, held, input_cost, began)) = unit.note(due)?.pop() else {
                    return Ok(false);
                };
                let (ended_as, is_estimated, latency) = lost(now, began.0);
                let ended = diesel::update(calls::table.filter(calls::id.eq(id)))
                    .set((
                        calls::ended_as.eq(ended_as),
                        calls::is_estimated.eq(is_estimated),
                        calls::latency.eq(latency),
                        calls::attempts.eq(1),
                        calls::cost.eq(input_cost),
                    ))
                    .execute(unit.conn()?)
                    .await;
                unit.note(ended)?;
                unit.add_up((workspace, month), input_cost, -held).await?;
                Ok::<_, StoreError>(true)
            })
            .await
    }
}

#[async_trait]
impl ModelCallReader for Store {
    async fn page(&self, scope: &WorkspaceScope, request: &PageRequest) -> StoreResult<Page<ModelCall>> {
        let mut query = calls::table
            .filter(calls::workspace_id.eq(Uid::from(scope.workspace())))
            .filter(calls::ended_as.is_not_null())
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
