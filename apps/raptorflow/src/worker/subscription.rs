use super::consuming::caused_by;
use async_trait::async_trait;
use kernel::{Environment, Event, EventConsumer, NewJob, RelayTx, StoreError, StoreResult};

/// A kind of job that answers a kind of fact. The job's payload is the fact's envelope.
#[derive(Debug, Clone, Copy)]
pub struct Subscription {
    /// Which facts.
    pub event_type: &'static str,
    /// Which handler.
    pub job_kind: &'static str,
}

/// Makes one job of a fact for each subscriber, in the unit that moves its position: a subscriber has its own attempts
/// and dead letters, a failing one stops no other, and a crash loses and doubles nothing.
pub(super) struct JobMaker {
    pub(super) subscriptions: &'static [Subscription],
    pub(super) env: Environment,
}

impl JobMaker {
    pub(super) const NAME: &str = "jobs";

    fn subscribers(&self, event: &Event) -> impl Iterator<Item = &'static str> {
        let of_its_type = self.subscriptions.iter().filter(|of| of.event_type == event.event_type);
        of_its_type.map(|subscription| subscription.job_kind)
    }
}

#[async_trait]
impl EventConsumer for JobMaker {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn wants(&self, event: &Event) -> bool {
        self.subscribers(event).next().is_some()
    }

    async fn consume(&self, tx: &mut dyn RelayTx, event: &Event) -> StoreResult<()> {
        let envelope = serde_json::to_value(event).map_err(|error| StoreError::Corrupt(error.to_string()))?;
        for job_kind in self.subscribers(event) {
            let job = NewJob::new(&self.env, &caused_by(event), job_kind, envelope.clone());
            let job = NewJob { workspace_id: event.workspace_id, ..job };
            tx.jobs().enqueue(job.deduplicated(event.id.to_string())).await?;
        }
        Ok(())
    }
}
