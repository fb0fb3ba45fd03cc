use agents::ports::models::BudgetLedger;
use async_trait::async_trait;
use kernel::{Environment, Job, JobFailure, JobHandler, Misfire, Schedule, SystemScope, Timing};
use std::{sync::Arc, time::Duration};

/// Ends the holds of model calls whose process died, every minute.
pub struct WriteOff {
    /// Where they are.
    pub ledger: Arc<dyn BudgetLedger>,
    /// Clock and ids.
    pub env: Environment,
}

const KIND: &str = "platform.write_off";

/// So many go in one transaction.
const BATCH: u32 = 200;

impl WriteOff {
    /// When it is done. One run stands for those that were missed.
    #[must_use]
    pub fn schedule(env: &Environment) -> Schedule {
        Schedule::new(env, "write_off", KIND, Timing::Every(Duration::from_secs(60)), Misfire::Coalesce)
    }
}

#[async_trait]
impl JobHandler for WriteOff {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn parallel(&self) -> usize {
        1
    }

    async fn handle(&self, _: &Job) -> Result<(), JobFailure> {
        let scope = SystemScope::for_worker();
        loop {
            let ended = self.ledger.write_off(&scope, self.env.now(), BATCH).await;
            let ended = ended.map_err(|error| JobFailure::of(&error))?;
            if ended > 0 {
                tracing::warn!(calls = ended, "calls of models were written off: their processes had died");
            }
            if ended < BATCH {
                return Ok(());
            }
        }
    }
}
