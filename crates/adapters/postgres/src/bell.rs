//! Waking the workers of other processes.

use crate::{
    dialect::{WORK_WAITS, take},
    sql::Store,
};
use diesel::{sql_query, sql_types::Text};
use diesel_async::RunQueryDsl;
use kernel::{StoreError, Wake};
use std::{convert::Infallible, sync::Arc};
use tokio::sync::Notify;

/// Rung after each commit that left work; wakes the worker of this process at once, and by a notice those of others.
///
/// The notice does not go out with the commit: PostgreSQL commits one transaction with a notice at a time, and many leave
/// work. It comes after, one for as many commits as there were meanwhile. One that is lost costs a poll's time.
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
    pub async fn pass_on(&self, store: &Store) -> Infallible {
        loop {
            self.rung.notified().await;
            if let Err(error) = notify(store).await {
                tracing::debug!(error = %error, "other workers were not woken; they look by themselves");
            }
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
    let notify = sql_query("select pg_notify($1, '')").bind::<Text, _>(WORK_WAITS);
    let sent = notify.execute(&mut conn).await;
    sent.map(drop).map_err(|error| StoreError::Unavailable(error.to_string()))
}
