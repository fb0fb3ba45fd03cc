use std::collections::HashMap;
use tokio::task::{Id, JoinSet};

/// The jobs that a worker runs now, and of which kinds they are.
#[derive(Default)]
pub(super) struct Running {
    tasks: JoinSet<()>,
    kinds: HashMap<Id, String>,
}

impl Running {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.tasks.len()
    }

    /// How many of this kind there are.
    pub(super) fn of(&self, kind: &str) -> usize {
        self.kinds.values().filter(|running| *running == kind).count()
    }

    /// Begins one.
    pub(super) fn begin(&mut self, kind: &str, attempt: impl Future<Output = ()> + Send + 'static) {
        let task = self.tasks.spawn(attempt);
        self.kinds.insert(task.id(), kind.to_owned());
    }

    /// Waits until one has ended; `false` when there is none.
    pub(super) async fn one_ends(&mut self) -> bool {
        let id = match self.tasks.join_next_with_id().await {
            Some(Ok((id, ()))) => id,
            Some(Err(error)) => error.id(),
            None => return false,
        };
        self.kinds.remove(&id);
        true
    }
}
