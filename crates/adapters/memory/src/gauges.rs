use crate::store::Store;
use async_trait::async_trait;
use kernel::{
    FailureCounts, JobQueue, JobState, PoolGauge, QueueDepth, StoreGauges, StoreResult, SystemScope,
    Timestamp,
};

#[async_trait]
impl StoreGauges for Store {
    fn pools(&self) -> Vec<PoolGauge> {
        Vec::new()
    }

    fn failures(&self) -> FailureCounts {
        Vec::new()
    }

    async fn unpublished_since(&self, _: &SystemScope) -> StoreResult<Option<Timestamp>> {
        Ok(self.state().await?.events.unpublished_since())
    }

    async fn queue_depth(&self, scope: &SystemScope) -> StoreResult<QueueDepth> {
        Ok(QueueDepth {
            queued: self.count(scope, JobState::Queued).await?,
            running: self.count(scope, JobState::Running).await?,
            failed: self.count(scope, JobState::Failed).await?,
        })
    }
}
