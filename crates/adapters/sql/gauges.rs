//! What an operator sees of the store.

use super::{
    Store, Time, fail,
    jobs::IsQueued,
    schema::{events, jobs},
};
use crate::dialect;
use async_trait::async_trait;
use diesel::{dsl::sql, prelude::*, sql_types::Bool};
use kernel::{FailureCounts, PoolGauge, QueueDepth, StoreGauges, StoreResult, SystemScope, Timestamp};

#[async_trait]
impl StoreGauges for Store {
    fn pools(&self) -> Vec<PoolGauge> {
        let gauge = |(name, pool): (_, &dialect::ConnPool)| {
            let status = pool.status();
            PoolGauge {
                name,
                most: status.max_size,
                open: status.size,
                idle: status.available,
                waiting: status.waiting,
            }
        };
        dialect::named(&self.pools).into_iter().map(gauge).collect()
    }

    fn failures(&self) -> FailureCounts {
        fail::counts()
    }

    async fn unpublished_since(&self, scope: &SystemScope) -> StoreResult<Option<Timestamp>> {
        let query = events::table
            .filter(events::published_at.is_null())
            .order(events::occurred_at)
            .limit(1)
            .select(events::occurred_at);
        let oldest: Vec<Time> = self.read(scope, query).await?;
        Ok(oldest.into_iter().next().map(|at| at.0))
    }

    async fn queue_depth(&self, scope: &SystemScope) -> StoreResult<QueueDepth> {
        // Conditions are written out, as a partial index serves none whose value is a parameter.
        let queued: Vec<i64> = self.read(scope, jobs::table.filter(IsQueued).count()).await?;
        let running = jobs::table.filter(sql::<Bool>("jobs.state = 'running'")).count();
        let running: Vec<i64> = self.read(scope, running).await?;
        let failed = jobs::table.filter(sql::<Bool>("jobs.state = 'failed'")).count();
        let failed: Vec<i64> = self.read(scope, failed).await?;
        let one = |counts: Vec<i64>| counts.into_iter().next().unwrap_or(0);
        Ok(QueueDepth { queued: one(queued), running: one(running), failed: one(failed) })
    }
}
