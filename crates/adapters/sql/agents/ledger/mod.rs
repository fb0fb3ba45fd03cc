//! What calls of models cost.

mod row;

use crate::{
    dialect,
    sql::{
        Day, Prepared, Scope, Store, SystemUnit, TenantUnit, Time, Uid,
        schema::{budget_months as months, model_calls as calls},
        unit::Unit,
    },
};
use agents::{
    dispatch::{BudgetMonth, Held, Hold, ModelCall, Spending},
    ports::models::{BudgetLedger, ModelCallReader},
};
use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use kernel::{
    ModelCallId, Page, PageRequest, PicoUsd, StoreError, StoreResult, SystemScope, Timestamp, UnitOfWork,
    WorkspaceScope,
};
use row::{EndRow, EndedRow, HeadRow, NewRow, call, lost};

/// What a call's row says before it is settled: its month, what is held, how it ended, what it cost.
type Before = (Day, i64, Option<String>, i64);

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

    async fn begin_month(&mut self, workspace: Uid, month: Day) -> StoreResult<()> {
        let row = (
            months::workspace_id.eq(workspace),
            months::month.eq(month),
            months::spent.eq(0),
            months::reserved.eq(0),
        );
        let begun = diesel::insert_into(months::table)
            .values(row)
            .on_conflict_do_nothing()
            .execute(self.conn()?)
            .await;
        self.note(begun).map(drop)
    }
}

impl TenantUnit {
    /// Holds back under the limit, in one statement; `false` when there is no room, or no row yet.
    async fn hold_back(&mut self, month: Day, amount: i64, limit: Option<i64>) -> StoreResult<bool> {
        // Without a limit, up to what can be counted.
        let most = limit.unwrap_or(i64::MAX).saturating_sub(amount);
        let own = months::table
            .filter(months::workspace_id.eq(self.workspace()))
            .filter(months::month.eq(month))
            // Neither side overflows: what is spent and held was below the highest limit each.
            .filter((months::spent + months::reserved).le(most));
        let held = diesel::update(own).set(months::reserved.eq(months::reserved + amount));
        let held = Prepared(held).execute(self.conn()?).await;
        Ok(self.note(held)? == 1)
    }

    async fn spending(&mut self, month: Day) -> StoreResult<Option<(i64, i64)>> {
        let own = months::table
            .filter(months::workspace_id.eq(self.workspace()))
            .filter(months::month.eq(month))
            .select((months::spent, months::reserved));
        let found = own.first(self.conn()?).await.optional();
        self.note(found)
    }

    async fn before(&mut self, id: ModelCallId) -> StoreResult<Option<Before>> {
        let own = calls::table
            .filter(calls::id.eq(Uid::from(id)))
            .filter(calls::workspace_id.eq(self.workspace()))
            .select((calls::month, calls::held, calls::ended_as, calls::cost));
        let found = dialect::held!(own).first::<Before>(self.conn()?).await.optional();
        self.note(found)
    }

    async fn write(&mut self, call: &ModelCall) -> StoreResult<()> {
        let own = calls::table
            .filter(calls::id.eq(Uid::from(call.head.id)))
            .filter(calls::workspace_id.eq(self.workspace()));
        let ended = diesel::update(own).set((HeadRow::from(&call.head), EndRow::from(call)));
        let ended = Prepared(ended).execute(self.conn()?).await;
        self.note(ended).map(drop)
    }

    async fn settle_call(&mut self, call: &ModelCall) -> StoreResult<()> {
        let own = self.workspace();
        let Some((month, held, ended_as, cost)) = self.before(call.head.id).await? else {
            let month = Day(BudgetMonth::of(call.head.at).first_day());
            let row = NewRow::ended(self.scope.workspace(), month, call);
            let written = diesel::insert_into(calls::table).values(row).execute(self.conn()?).await;
            self.note(written)?;
            self.begin_month(own, month).await?;
            return self.add_up((own, month), call.cost.pico(), 0).await.map(drop);
        };
        let (more, free) = match ended_as.as_deref() {
            None => (call.cost.pico(), -held),
            // What was written off is put right.
            Some("lost") => (call.cost.pico() - cost, 0),
            Some(_) => return Ok(()),
        };
        self.write(call).await?;
        self.add_up((own, month), more, free).await.map(drop)
    }
}

#[async_trait]
impl BudgetLedger for Store {
    async fn hold(&self, scope: &WorkspaceScope, hold: &Hold, limit: Option<PicoUsd>) -> StoreResult<Held> {
        let units: &dyn UnitOfWork<TenantUnit, WorkspaceScope> = self;
        let (month, amount) = (Day(hold.month.first_day()), hold.amount.pico());
        let limit = limit.map(PicoUsd::pico);
        units
            .run(scope, async |unit| {
                if !unit.hold_back(month, amount, limit).await? {
                    if unit.spending(month).await?.is_none() {
                        unit.begin_month(scope.workspace().into(), month).await?;
                    }
                    // The row has come, or has been seen with less since.
                    if !unit.hold_back(month, amount, limit).await? {
                        return Ok(Held::Refused(spending(unit.spending(month).await?)));
                    }
                }
                let row = NewRow::held(scope.workspace(), hold);
                let written =
                    Prepared(diesel::insert_into(calls::table).values(row)).execute(unit.conn()?).await;
                unit.note(written)?;
                Ok(Held::Yes)
            })
            .await
    }

    async fn renew(&self, scope: &WorkspaceScope, call: ModelCallId, until: Timestamp) -> StoreResult<bool> {
        let units: &dyn UnitOfWork<TenantUnit, WorkspaceScope> = self;
        units
            .run(scope, async |unit| {
                let own = calls::table
                    .filter(calls::id.eq(Uid::from(call)))
                    .filter(calls::workspace_id.eq(unit.workspace()))
                    .filter(calls::ended_as.is_null());
                let renewed =
                    diesel::update(own).set(calls::lease_until.eq(Time(until))).execute(unit.conn()?).await;
                Ok(unit.note(renewed)? == 1)
            })
            .await
    }

    async fn settle(&self, scope: &WorkspaceScope, call: &ModelCall) -> StoreResult<()> {
        let units: &dyn UnitOfWork<TenantUnit, WorkspaceScope> = self;
        units.run(scope, async |unit| unit.settle_call(call).await).await
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

    async fn spending(&self, scope: &WorkspaceScope, month: BudgetMonth) -> StoreResult<Spending> {
        let own = months::table
            .filter(months::workspace_id.eq(Uid::from(scope.workspace())))
            .filter(months::month.eq(Day(month.first_day())))
            .select((months::spent, months::reserved));
        let rows: Vec<(i64, i64)> = self.read(scope, own).await?;
        Ok(spending(rows.into_iter().next()))
    }
}
