use kernel::{ClockSkew, Environment, StoreResult, SystemScope, WorkerNote, WorkerRegistry};
use std::sync::Arc;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::task::TaskTracker;

/// Says that a worker is there, so that health knows; beside its work, which may wait for long.
pub(super) struct Presence {
    pub(super) registry: Arc<dyn WorkerRegistry>,
    pub(super) name: String,
    /// Knows the handlers that are at work.
    pub(super) tracker: TaskTracker,
    pub(super) env: Environment,
}

impl Presence {
    /// Says it for ever, from now on.
    pub(super) async fn run(&self) {
        let (started_at, mut beat) = (self.env.now(), interval(WorkerNote::BEAT));
        // What was not said while the store hung need not be said several times.
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut is_off = false;
        loop {
            beat.tick().await;
            let (name, seen_at) = (self.name.clone(), self.env.now());
            let running = i32::try_from(self.tracker.len()).unwrap_or(i32::MAX);
            let note = WorkerNote { name, started_at, seen_at, running };
            if let Err(error) = self.registry.announce(&SystemScope::for_worker(), &note).await {
                tracing::warn!(error = %error, "the worker could not say that it is there");
            }
            is_off = self.look_at_the_clock(is_off).await;
        }
    }

    /// Whether this machine's clock is off; tells of a change.
    async fn look_at_the_clock(&self, was_off: bool) -> bool {
        // A store that is away has been told of.
        let Ok(skew) = self.clock_skew().await else { return was_off };
        match (was_off, skew.is_harmless()) {
            (false, false) => {
                tracing::warn!(%skew, "this machine's clock is off: jobs may run twice, or late");
            }
            (true, true) => tracing::info!("this machine's clock agrees with the database's again"),
            _ => {}
        }
        !skew.is_harmless()
    }

    /// How far this machine's clock is from the one that the workers share.
    pub(super) async fn clock_skew(&self) -> StoreResult<ClockSkew> {
        ClockSkew::ask(self.registry.as_ref(), &SystemScope::for_worker(), &self.env).await
    }

    /// Says good-bye.
    pub(super) async fn leave(&self) -> StoreResult<()> {
        self.registry.leave(&SystemScope::for_worker(), &self.name).await
    }
}

#[cfg(test)]
mod tests;
