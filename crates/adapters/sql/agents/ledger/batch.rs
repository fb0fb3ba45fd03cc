use super::{
    books::Entry,
    row::{CallRow, EndRow, HeadRow, HoldRow},
    spending,
};
use crate::{
    dialect,
    sql::{
        Day, Prepared, TenantUnit, Uid,
        schema::{budget_months as months, model_calls as calls, model_holds as holds},
    },
};
use agents::dispatch::{BudgetMonth, CallEnd, Held, Hold, ModelCall, Spending};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use kernel::{ModelCallId, PicoUsd, StoreError, StoreResult};
use std::collections::{BTreeMap, BTreeSet};

/// What a call's row says that is not held: its month, how it ended, what it cost.
type Before = (Day, String, i64);

/// What the months of a batch had, and have now.
type Months = BTreeMap<BudgetMonth, (i64, i64)>;

impl TenantUnit {
    /// Writes the entries: first those that end a call, so that what they give free can be held. Calls are held before months,
    /// and months in their order: two processes never wait for each other.
    pub(super) async fn write_entries(&mut self, entries: &[&Entry]) -> StoreResult<Vec<Held>> {
        if let [Entry::Hold(hold, limit)] = entries
            && self.fits(hold, *limit).await?
        {
            self.write_hold(hold).await?;
            return Ok(vec![Held::Yes]);
        }
        let (mut changes, mut ended) = (Months::new(), BTreeSet::new());
        for entry in entries {
            if let Entry::Settle(call) = entry {
                ended.insert(call.head.id);
                let (month, more, free) = self.settle(call).await?;
                let change = changes.entry(month).or_default();
                *change = (sum(change.0, more)?, sum(change.1, free)?);
            }
        }
        let holds = entries.iter().filter_map(|entry| match entry {
            Entry::Hold(hold, _) => Some(hold.month),
            Entry::Settle(_) => None,
        });
        let wanted: BTreeSet<BudgetMonth> = holds.collect();
        let mut now = Months::new();
        for month in wanted.iter().chain(changes.keys()).collect::<BTreeSet<_>>() {
            let (more, free) = changes.get(month).copied().unwrap_or_default();
            if wanted.contains(month) {
                let (spent, reserved) = self.month(*month).await?;
                now.insert(*month, (sum(spent, more)?, sum(reserved, free)?));
            } else if (more, free) != (0, 0) {
                self.change_month(*month, more, free).await?;
            }
        }
        let mut outcomes = Vec::with_capacity(entries.len());
        for entry in entries {
            outcomes.push(match entry {
                Entry::Settle(_) => Held::Yes,
                // Its caller has gone away before it was written, and it has ended above.
                Entry::Hold(hold, _) if ended.contains(&hold.call.id) => Held::Yes,
                Entry::Hold(hold, limit) => self.hold_back(hold, *limit, &mut now).await?,
            });
        }
        for (month, (spent, reserved)) in now {
            self.keep_month(month, spent, reserved).await?;
        }
        Ok(outcomes)
    }

    async fn hold_back(
        &mut self,
        hold: &Hold,
        limit: Option<PicoUsd>,
        months: &mut Months,
    ) -> StoreResult<Held> {
        let (spent, reserved) = months.entry(hold.month).or_default();
        let now: Spending = spending(Some((*spent, *reserved)));
        if !now.has_room(hold.amount, limit) {
            return Ok(Held::Refused(now));
        }
        *reserved = sum(*reserved, hold.amount.pico())?;
        self.write_hold(hold).await?;
        Ok(Held::Yes)
    }

    async fn write_hold(&mut self, hold: &Hold) -> StoreResult<()> {
        let row = HoldRow::new(self.scope.workspace(), hold);
        let written = Prepared(diesel::insert_into(holds::table).values(row)).execute(self.conn()?).await;
        self.note(written).map(drop)
    }

    /// Holds back under the limit, in one statement; `false` when there is no room, or no row yet.
    async fn fits(&mut self, hold: &Hold, limit: Option<PicoUsd>) -> StoreResult<bool> {
        let amount = hold.amount.pico();
        // Without a limit, up to what can be counted.
        let most = limit.map_or(i64::MAX, PicoUsd::pico).saturating_sub(amount);
        let own = months::table
            .filter(months::workspace_id.eq(self.workspace()))
            .filter(months::month.eq(Day(hold.month.first_day())))
            // Neither side overflows: what is spent and held was below the highest limit each.
            .filter((months::spent + months::reserved).le(most));
        let held = diesel::update(own).set(months::reserved.eq(months::reserved + amount));
        let held = Prepared(held).execute(self.conn()?).await;
        Ok(self.note(held)? == 1)
    }

    /// Adds to what the month spent and holds.
    async fn change_month(&mut self, month: BudgetMonth, more: i64, free: i64) -> StoreResult<()> {
        let own = (self.workspace(), Day(month.first_day()));
        if !self.add_up(own, more, free).await? {
            self.month(month).await?;
            self.add_up(own, more, free).await?;
        }
        Ok(())
    }

    /// Writes the call's row; answers its month, what it adds to what was spent, and to what is held.
    async fn settle(&mut self, call: &ModelCall) -> StoreResult<(BudgetMonth, i64, i64)> {
        if let Some((month, held)) = self.release(call.head.id).await? {
            self.write_call(month, call).await?;
            return Ok((budget_month(month)?, call.cost.pico(), -held));
        }
        let Some((month, ended_as, cost)) = self.before(call.head.id).await? else {
            let month = BudgetMonth::of(call.head.at);
            self.write_call(Day(month.first_day()), call).await?;
            return Ok((month, call.cost.pico(), 0));
        };
        let month = budget_month(month)?;
        if ended_as != CallEnd::Lost.name() {
            return Ok((month, 0, 0));
        }
        // What was written off is put right.
        let own = calls::table
            .filter(calls::id.eq(Uid::from(call.head.id)))
            .filter(calls::workspace_id.eq(self.workspace()));
        let ended = diesel::update(own).set((HeadRow::from(&call.head), EndRow::from(call)));
        let ended = Prepared(ended).execute(self.conn()?).await;
        self.note(ended)?;
        Ok((month, call.cost.pico() - cost, 0))
    }

    /// Ends the hold of the call, if there is one; answers its month, and what was held.
    async fn release(&mut self, id: ModelCallId) -> StoreResult<Option<(Day, i64)>> {
        let own =
            holds::table.filter(holds::workspace_id.eq(self.workspace())).filter(holds::id.eq(Uid::from(id)));
        let released = diesel::delete(own).returning((holds::month, holds::held));
        let released = Prepared(released).load::<(Day, i64)>(self.conn()?).await;
        Ok(self.note(released)?.pop())
    }

    async fn write_call(&mut self, month: Day, call: &ModelCall) -> StoreResult<()> {
        let row = CallRow::new(self.scope.workspace(), month, call);
        let written = Prepared(diesel::insert_into(calls::table).values(row)).execute(self.conn()?).await;
        self.note(written).map(drop)
    }

    async fn before(&mut self, id: ModelCallId) -> StoreResult<Option<Before>> {
        let own = calls::table
            .filter(calls::id.eq(Uid::from(id)))
            .filter(calls::workspace_id.eq(self.workspace()))
            .select((calls::month, calls::ended_as, calls::cost));
        let found = dialect::held!(own).first::<Before>(self.conn()?).await.optional();
        self.note(found)
    }

    /// What the month has, which is nobody else's to change until the end.
    async fn month(&mut self, month: BudgetMonth) -> StoreResult<(i64, i64)> {
        let (workspace, day) = (self.workspace(), Day(month.first_day()));
        // Twice at most: after the first time there is a row, whoever wrote it.
        for _ in 0..2 {
            let own = months::table
                .filter(months::workspace_id.eq(workspace))
                .filter(months::month.eq(day))
                .select((months::spent, months::reserved));
            let found = dialect::held!(own).first::<(i64, i64)>(self.conn()?).await.optional();
            if let Some(found) = self.note(found)? {
                return Ok(found);
            }
            let new = (
                months::workspace_id.eq(workspace),
                months::month.eq(day),
                months::spent.eq(0),
                months::reserved.eq(0),
            );
            let begun = diesel::insert_into(months::table).values(new).on_conflict_do_nothing();
            let begun = begun.execute(self.conn()?).await;
            self.note(begun)?;
        }
        Err(StoreError::Corrupt("budget_months takes no row".to_owned()))
    }

    async fn keep_month(&mut self, month: BudgetMonth, spent: i64, reserved: i64) -> StoreResult<()> {
        let own = months::table
            .filter(months::workspace_id.eq(self.workspace()))
            .filter(months::month.eq(Day(month.first_day())));
        let kept = diesel::update(own).set((months::spent.eq(spent), months::reserved.eq(reserved)));
        let kept = Prepared(kept).execute(self.conn()?).await;
        self.note(kept).map(drop)
    }
}

fn budget_month(day: Day) -> StoreResult<BudgetMonth> {
    let unknown = || StoreError::Corrupt("model_calls.month is no first day".to_owned());
    BudgetMonth::from_first_day(day.0).ok_or_else(unknown)
}

fn sum(one: i64, other: i64) -> StoreResult<i64> {
    one.checked_add(other).ok_or_else(|| StoreError::Internal("more money than can be counted".to_owned()))
}
