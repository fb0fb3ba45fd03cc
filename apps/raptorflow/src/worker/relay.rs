use super::{
    POLL,
    outage::Outage,
    signal::{Ear, Signal},
};
use crate::metrics::Metrics;
use kernel::{Bus, BusAway, Environment, EventId, EventRelay, StoreError, SystemScope};
use std::sync::Arc;

/// Publishes facts on the bus, each stream's in order and each at least once. While the bus is away they wait in the
/// store.
///
/// Several relays may be at work: they publish the same facts then, and the bus takes each once.
pub(super) struct Relay {
    pub(super) outbox: Arc<dyn EventRelay>,
    pub(super) bus: Arc<dyn Bus>,
    pub(super) env: Environment,
}

/// How many facts are published at once.
const BATCH: u32 = 100;

/// Why a batch was not published, or not noted so.
#[derive(Debug, thiserror::Error)]
pub(super) enum RelayError {
    #[error(transparent)]
    Bus(#[from] BusAway),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Relay {
    #[expect(
        clippy::disallowed_methods,
        reason = "a pause after which it is looked again, whatever is heard"
    )]
    /// Publishes for ever: after each commit, and twice a second what other processes committed.
    pub(super) async fn run(&self, signal: &Signal, metrics: &Metrics) {
        let (mut outage, mut ear) = (Outage::of("facts wait in the outbox"), signal.ear());
        loop {
            let drained = self.drain().await;
            if drained.is_err() {
                metrics.relay_failed();
            }
            let pause = outage.after(drained);
            tokio::select! {
                () = Self::next(&mut ear, outage.is_on()) => {}
                () = tokio::time::sleep(pause.unwrap_or(POLL)) => {}
            }
        }
    }

    /// The next commit; during an outage the pause is kept instead.
    async fn next(ear: &mut Ear, outage: bool) {
        if outage {
            std::future::pending::<()>().await;
        }
        ear.woken().await;
    }

    /// Publishes everything that waits.
    async fn drain(&self) -> Result<(), RelayError> {
        while self.pass().await? == BATCH as usize {}
        Ok(())
    }

    /// Publishes one batch; answers how many facts it held.
    pub(super) async fn pass(&self) -> Result<usize, RelayError> {
        let scope = SystemScope::for_relay();
        let events = self.outbox.unpublished(&scope, BATCH).await?;
        if events.is_empty() {
            return Ok(0);
        }
        self.bus.publish(&events).await?;
        let ids: Vec<EventId> = events.iter().map(|event| event.id).collect();
        self.outbox.mark_published(&scope, &ids, self.env.now()).await?;
        Ok(events.len())
    }
}
