//! Waking the workers of other processes.

use crate::{
    dialect::{WORK_WAITS, take},
    sql::Store,
};
use diesel_async::SimpleAsyncConnection;
use kernel::{StoreError, Wake};
use std::{convert::Infallible, sync::Arc, time::Duration};
use tokio::{sync::Notify, time::sleep};

/// How long after a notice the next one is sent at the earliest. Each wakes every process at the database, this one too; a
/// tenth of a busy server's time went into them.
const REST: Duration = Duration::from_millis(5);

/// Rung after each commit that left work; wakes the worker of this process at once, and by a notice those of others.
///
/// The notice does not go out with the commit: PostgreSQL commits one transaction with a notice at a time, and many leave
/// work. It comes after: at once for the first commit, and one for all that there were in the rest behind it. One that is lost
/// costs a poll's time.
pub struct Bell {
    worker: Arc<dyn Wake>,
    rung: Notify,
}

impl Bell {
    /// A bell that wakes this process's worker.
    #[must_use]
    pub fn new(worker: Arc<dyn Wake>) -> Self {
        Self { worker, rung: Notify::new() }
    }

    /// Passes the ringing on to other processes until it is dropped.
    #[expect(clippy::disallowed_methods, reason = "the rest between notices has nothing to wait for")]
    pub async fn pass_on(&self, store: &Store) -> Infallible {
        loop {
            self.rung.notified().await;
            if let Err(error) = notify(store).await {
                tracing::debug!(error = %error, "other workers were not woken; they look by themselves");
            }
            sleep(REST).await;
        }
    }

    /// Another process has left work.
    pub(crate) fn heard(&self) {
        self.worker.wake();
    }
}

impl Wake for Bell {
    fn wake(&self) {
        self.worker.wake();
        self.rung.notify_one();
    }
}

async fn notify(store: &Store) -> Result<(), StoreError> {
    let mut conn = take(&store.pools.system_reads).await?;
    let sent = conn.batch_execute(&format!("notify {WORK_WAITS}")).await;
    sent.map_err(|error| StoreError::Unavailable(error.to_string()))
}
