use super::row::micros;
use crate::{
    dialect,
    sql::{
        Day, Id, Store, Time, Uid,
        schema::model_holds as holds,
        unit::{InWorkspace, Unit},
    },
};
use diesel::{prelude::*, sql_types::BigInt};
use diesel_async::RunQueryDsl;
use kernel::{StoreError, StoreResult, SystemScope, Timestamp, UnitOfWork};

/// A hold whose time is over: its month, what it held, what its input cost, when it began.
type Due = (Day, i64, i64, Time);

/// The row of a call that was written off: it may have cost its input, and nobody knows what more. A call that has its row
/// already keeps it.
const WRITE_LOST: &str = "insert into model_calls (workspace_id, id, month, actor_kind, actor_id, correlation_id, run_id,
    operation, alias, provider, model, price, started_at, ended_as, attempts, fresh, cache_read, cache_write_5m,
    cache_write_1h, output, reasoning, tier, cost, saved, is_estimated, latency)
  select workspace_id, id, month, actor_kind, actor_id, correlation_id, run_id,
    operation, alias, provider, model, price, started_at, 'lost', 1, input_tokens, 0, 0,
    0, 0, 0, 'standard', input_cost, 0, true, $1
  from model_holds where workspace_id = $2 and id = $3
  on conflict (workspace_id, id) do nothing";

impl Store {
    /// Where holds are whose time is over, the oldest first. No index leads to them: there are no more than calls under way.
    pub(super) async fn due(
        &self,
        scope: &SystemScope,
        now: Timestamp,
        most: u32,
    ) -> StoreResult<Vec<(Uid, Uid)>> {
        let due = holds::table
            .filter(holds::lease_until.le(Time(now)))
            .order((holds::lease_until, holds::id))
            .select((holds::workspace_id, holds::id))
            .limit(i64::from(most));
        self.read(scope, due).await
    }

    /// `false` when the call has ended meanwhile, or somebody else is about to write it off.
    pub(super) async fn write_off_one(&self, place: (Uid, Uid), now: Timestamp) -> StoreResult<bool> {
        let units: &dyn UnitOfWork<Unit<InWorkspace>, InWorkspace> = self;
        units
            .run(&InWorkspace(place.0.into()), async |unit| match unit.take(place).await? {
                Some(due) => unit.write_lost(place, due, now).await.map(|()| true),
                None => Ok::<_, StoreError>(false),
            })
            .await
    }
}

impl Unit<InWorkspace> {
    async fn take(&mut self, (workspace, id): (Uid, Uid)) -> StoreResult<Option<Due>> {
        let due = holds::table.filter(holds::workspace_id.eq(workspace)).filter(holds::id.eq(id)).select((
            holds::month,
            holds::held,
            holds::input_cost,
            holds::started_at,
        ));
        let due = dialect::unheld!(due).load::<Due>(self.conn()?).await;
        Ok(self.note(due)?.pop())
    }

    async fn write_lost(
        &mut self,
        (workspace, id): (Uid, Uid),
        (month, held, input_cost, began): Due,
        now: Timestamp,
    ) -> StoreResult<()> {
        let written = diesel::sql_query(WRITE_LOST)
            .bind::<BigInt, _>(micros(now.since(began.0)))
            .bind::<Id, _>(workspace)
            .bind::<Id, _>(id)
            .execute(self.conn()?)
            .await;
        let cost = if self.note(written)? == 1 { input_cost } else { 0 };
        let own = holds::table.filter(holds::workspace_id.eq(workspace)).filter(holds::id.eq(id));
        let ended = diesel::delete(own).execute(self.conn()?).await;
        self.note(ended)?;
        self.add_up((workspace, month), cost, -held).await.map(drop)
    }
}
