use kernel::{
    CallContext, Environment, Event, NewJob, RelayTx, RelayUow, StoreError, StoreResult, SystemScope,
};
use std::sync::Arc;

/// A kind of job that answers a kind of fact. The job's payload is the fact's envelope.
#[derive(Debug, Clone, Copy)]
pub struct Subscription {
    /// Which facts.
    pub event_type: &'static str,
    /// Which handler.
    pub job_kind: &'static str,
}

/// Hands facts on: each becomes one job per subscriber, in the transaction that marks it published. So a subscriber has
/// its own attempts and dead letters, a failing one stops no other, and a crash loses and doubles nothing.
pub(super) struct Relay {
    pub(super) uow: Arc<RelayUow>,
    pub(super) subscriptions: &'static [Subscription],
    pub(super) env: Environment,
}

/// How many facts one transaction hands on.
const BATCH: u32 = 100;

impl Relay {
    /// Hands on everything that waits.
    pub(super) async fn drain(&self) -> StoreResult<()> {
        while self.pass().await? == BATCH as usize {}
        Ok(())
    }

    /// Hands on one batch; answers how many facts it held.
    pub(super) async fn pass(&self) -> StoreResult<usize> {
        self.uow
            .run(&SystemScope::for_relay(), async |tx| {
                let events = tx.relay().unpublished(BATCH).await?;
                for event in &events {
                    self.hand_on(tx, event).await?;
                }
                let ids: Vec<_> = events.iter().map(|event| event.id).collect();
                if !ids.is_empty() {
                    tx.relay().mark_published(&ids, self.env.now()).await?;
                }
                Ok(events.len())
            })
            .await
    }

    async fn hand_on(&self, tx: &mut dyn RelayTx, event: &Event) -> StoreResult<()> {
        let ctx = CallContext {
            causation_id: Some(event.id),
            traceparent: event.traceparent.clone(),
            ..CallContext::new(event.actor, event.correlation_id.clone())
        };
        let envelope = serde_json::to_value(event).map_err(|error| StoreError::Corrupt(error.to_string()))?;
        for subscription in self.subscriptions.iter().filter(|s| s.event_type == event.event_type) {
            let job = NewJob::new(&self.env, &ctx, subscription.job_kind, envelope.clone());
            let job = NewJob { workspace_id: event.workspace_id, ..job };
            tx.jobs().enqueue(job.deduplicated(event.id.to_string())).await?;
        }
        Ok(())
    }
}
