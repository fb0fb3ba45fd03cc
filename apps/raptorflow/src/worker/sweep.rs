use async_trait::async_trait;
use kernel::{
    Ended, Environment, Job, JobFailure, JobHandler, Misfire, Retention, Schedule, SystemScope, Timing,
};
use std::{sync::Arc, time::Duration};

/// Takes away what has done its service, every hour.
pub struct Sweep {
    /// Where it is.
    pub retention: Arc<dyn Retention>,
    /// Clock and ids.
    pub env: Environment,
}

const KIND: &str = "platform.sweep";

/// So many rows of a kind go in one transaction.
const BATCH: i64 = 1_000;

impl Sweep {
    /// When it is done. One run stands for those that were missed.
    #[must_use]
    pub fn schedule(env: &Environment) -> Schedule {
        let hourly = Timing::Every(Duration::from_secs(60 * 60));
        Schedule::new(env, "sweep", KIND, hourly, Misfire::Coalesce)
    }
}

#[async_trait]
impl JobHandler for Sweep {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn parallel(&self) -> usize {
        1
    }

    async fn handle(&self, _: &Job) -> Result<(), JobFailure> {
        let scope = SystemScope::for_worker();
        loop {
            let swept = self.retention.sweep(&scope, Ended::by(self.env.now()), BATCH).await;
            if swept.map_err(|error| JobFailure::of(&error))? < BATCH.unsigned_abs() {
                return Ok(());
            }
        }
    }
}

#[cfg(test)]
mod tests;
