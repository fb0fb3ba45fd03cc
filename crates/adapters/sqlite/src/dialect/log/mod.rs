//! The write-ahead log: what is committed stands in it, reaches the disk with it, and is taken from it into the database.

mod checkpoint;
mod disk;
mod flush;
#[cfg(test)]
mod power;

use super::pool::Home;
use crate::sql::{Durability, Pools};
use diesel_async::sync_connection_wrapper::SpawnBlocking;
use flush::Flush;
use kernel::StoreResult;
use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

/// The log of one database; clones are the same one.
#[derive(Clone)]
pub(crate) struct Log {
    flush: Arc<Flush>,
    /// How many commits there had been when the log was last taken in.
    taken: Arc<AtomicU64>,
}

impl Log {
    pub(super) fn of(database: &Path) -> Self {
        Self::over(Flush::by(disk::under(database)))
    }

    fn over(flush: Flush) -> Self {
        Self { flush: Arc::new(flush), taken: Arc::default() }
    }

    /// Counts a commit.
    pub(super) fn count<T, E>(&self, commit: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        self.flush.count(commit)
    }

    /// Ends when all that can be read by now is on the disk. Nobody waits for their own flush but for the next one: those of that
    /// moment share it.
    pub(crate) async fn on_disk(&self) -> StoreResult<()> {
        let Home(home) = Home::get_runtime();
        self.flush.seen(&home).await
    }

    /// After each commit: it is as durable then as it was asked to be.
    pub(crate) async fn ended(&self, durability: Durability, pools: &Pools) -> StoreResult<()> {
        let commits = self.flush.commits();
        let taken = self.taken.load(Relaxed);
        if commits >= taken + checkpoint::COMMITS
            && self.taken.compare_exchange(taken, commits, Relaxed, Relaxed).is_ok()
        {
            checkpoint::behind(pools);
        }
        match durability {
            Durability::OnDisk => {
                let Home(home) = Home::get_runtime();
                self.flush.committed(&home).await
            }
            Durability::Written => Ok(()),
        }
    }
}
