//! A look at what the process depends on, for operators and for metrics.

use super::health::{PATIENCE, within};
use crate::worker::CONSUMERS;
use futures_util::future::join_all;
use kernel::{
    Bus, BusAway, ClockSkew, Environment, FailureCounts, JobQueue, PoolGauge, QueueDepth, StoreGauges,
    SystemScope, Timestamp, WorkerNote, WorkerRegistry,
};
use std::{sync::Arc, time::Duration};
use web::{BreakerReport, Breakers};

/// Looks.
#[derive(Clone)]
pub(crate) struct Watch {
    pub(crate) gauges: Arc<dyn StoreGauges>,
    pub(crate) queue: Arc<dyn JobQueue>,
    pub(crate) workers: Arc<dyn WorkerRegistry>,
    pub(crate) bus: Arc<dyn Bus>,
    pub(crate) breakers: Breakers,
    pub(crate) env: Environment,
    /// When the process began.
    pub(crate) started_at: Timestamp,
}

/// What was seen; `None` is what could not be asked.
pub(crate) struct Seen {
    pub(crate) pools: Vec<PoolGauge>,
    pub(crate) failures: FailureCounts,
    pub(crate) depth: Option<QueueDepth>,
    /// How long the longest waiting job that is due has waited.
    pub(crate) lag: Option<Duration>,
    /// How long the oldest fact that was not handed on has waited.
    pub(crate) outbox_lag: Option<Duration>,
    pub(crate) workers: Option<Vec<WorkerNote>>,
    /// How far this machine's clock is off.
    pub(crate) skew: Option<ClockSkew>,
    /// How much of the bus each consumer has not settled.
    pub(crate) bus_waiting: Vec<(&'static str, Option<u64>)>,
    /// How much of the bus was put aside as poison.
    pub(crate) bus_dead: Option<u64>,
    pub(crate) breakers: Vec<BreakerReport>,
}

impl Watch {
    /// A look, within the patience of a check.
    pub(crate) async fn look(&self) -> Seen {
        let (scope, now) = (SystemScope::for_worker(), self.env.now());
        // Pools first: the questions below lend connections themselves.
        let (pools, failures) = (self.gauges.pools(), self.gauges.failures());
        let (depth, waiting, unpublished, workers, skew, bus_waiting, bus_dead) = tokio::join!(
            within(self.gauges.queue_depth(&scope)),
            within(self.queue.waiting_since(&scope, now)),
            within(self.gauges.unpublished_since(&scope)),
            within(self.workers.list_workers(&scope, now.minus(WorkerNote::SILENCE))),
            within(ClockSkew::ask(self.workers.as_ref(), &scope, &self.env)),
            join_all(
                CONSUMERS
                    .map(|consumer| async move { (consumer, on_the_bus(self.bus.waiting(consumer)).await) })
            ),
            on_the_bus(self.bus.count_dead()),
        );
        let age = |since: Option<_>| since.map_or(Duration::ZERO, |since| now.since(since));
        Seen {
            pools,
            failures,
            depth: depth.ok(),
            lag: waiting.ok().map(age),
            outbox_lag: unpublished.ok().map(age),
            workers: workers.ok(),
            skew: skew.ok(),
            bus_waiting,
            bus_dead,
            breakers: self.breakers.list(),
        }
    }
}

async fn on_the_bus(asked: impl Future<Output = Result<u64, BusAway>>) -> Option<u64> {
    let answer = tokio::time::timeout(PATIENCE, asked).await;
    answer.ok()?.inspect_err(|error| tracing::debug!(%error, "the bus could not be looked at")).ok()
}
