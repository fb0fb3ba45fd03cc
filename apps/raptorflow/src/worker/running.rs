use kernel::{Job, Timestamp};
use std::collections::HashMap;
use tokio::task::{Id, JoinSet};

/// The jobs that a worker runs now.
#[derive(Default)]
pub(super) struct Running {
    tasks: JoinSet<()>,
    jobs: HashMap<Id, (Job, Timestamp)>,
}

impl Running {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.tasks.len()
    }

    /// How many of this kind there are.
    pub(super) fn of(&self, kind: &str) -> usize {
        self.jobs.values().filter(|(job, _)| job.kind == kind).count()
    }

    /// Begins one.
    pub(super) fn begin(
        &mut self,
        (job, now): (Job, Timestamp),
        attempt: impl Future<Output = ()> + Send + 'static,
    ) {
        let task = self.tasks.spawn(attempt);
        self.jobs.insert(task.id(), (job, now));
    }

    /// Waits until one has ended; `false` when there is none.
    pub(super) async fn one_ends(&mut self) -> bool {
        let id = match self.tasks.join_next_with_id().await {
            Some(Ok((id, ()))) => id,
            Some(Err(error)) => error.id(),
            None => return false,
        };
        self.jobs.remove(&id);
        true
    }

    /// Ends all; answers which they were, and when they began.
    pub(super) async fn stop(mut self) -> Vec<(Job, Timestamp)> {
        self.tasks.shutdown().await;
        self.jobs.into_values().collect()
    }
}
