use super::{POLL, outage::Outage};
use kernel::{Environment, Kinds, RelayTx, RelayUow, Schedule, StoreResult, SystemScope};
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// Makes jobs of what comes again and again, each in the transaction that moves the schedule on: so an instant fires once,
/// however many workers look, and a crash loses none.
pub(super) struct Planner {
    pub(super) uow: Arc<RelayUow>,
    /// The kinds of jobs that this build has handlers of; other schedules wait for a worker that knows theirs.
    pub(super) kinds: Vec<&'static str>,
    /// The platform's own, stored with the first pass.
    pub(super) platform: Vec<Schedule>,
    pub(super) is_set_up: AtomicBool,
    pub(super) env: Environment,
}

/// How many schedules one transaction moves on.
const BATCH: u32 = 100;

impl Planner {
    #[expect(clippy::disallowed_methods, reason = "an instant comes, and nobody tells of it")]
    /// Plans for ever, looking twice a second for what is due.
    pub(super) async fn run(&self) {
        let mut outage = Outage::of("what comes again can't be planned, and waits");
        loop {
            let pause = outage.after(self.pass().await);
            tokio::time::sleep(pause.unwrap_or(POLL)).await;
        }
    }

    /// Makes jobs of everything that is due; answers of how many schedules.
    pub(super) async fn pass(&self) -> StoreResult<usize> {
        if !self.is_set_up.load(Ordering::Relaxed) {
            self.set_up().await?;
            self.is_set_up.store(true, Ordering::Relaxed);
        }
        let mut moved = 0;
        loop {
            let batch = self
                .uow
                .run(&SystemScope::for_relay(), async |tx| {
                    let due = tx
                        .schedule_queue()
                        .due(Kinds::Only(&self.kinds), self.env.now(), BATCH.into())
                        .await?;
                    for schedule in &due {
                        self.fire(tx, schedule).await?;
                    }
                    Ok::<_, kernel::StoreError>(due.len())
                })
                .await?;
            moved += batch;
            if batch < BATCH as usize {
                return Ok(moved);
            }
        }
    }

    async fn fire(&self, tx: &mut dyn RelayTx, schedule: &Schedule) -> StoreResult<()> {
        let Some(kind) = self.kinds.iter().find(|kind| **kind == schedule.kind) else { return Ok(()) };
        let due = schedule.due(self.env.now());
        for at in due.runs {
            tx.jobs().enqueue(schedule.job(&self.env, kind, at)).await?;
        }
        tx.schedule_queue().advance(schedule.id, due.next_run).await
    }

    async fn set_up(&self) -> StoreResult<()> {
        self.uow
            .run(&SystemScope::for_relay(), async |tx| {
                for schedule in &self.platform {
                    tx.schedules().put(schedule).await?;
                }
                Ok(())
            })
            .await
    }
}

#[cfg(test)]
mod tests;
