//! The write-ahead log: what is committed stands in it, reaches the disk with it, and is taken from it into the database.

mod checkpoint;
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
        Self::over(Flush::of(database))
    }

    fn over(flush: Flush) -> Self {
        Self { flush: Arc::new(flush), taken: Arc::default() }
    }

    /// A commit has been written.
    pub(super) fn committed(&self) {
        self.flush.written();
    }

    /// Refuses from a failed flush on: what the database shows then may not be what a restart finds.
    pub(crate) fn sound(&self) -> StoreResult<()> {
        self.flush.sound()
    }

    /// Ends when all that is committed by now is on the disk. Commits wait for nobody's flush but for the next one: those of
    /// that moment share it.
    pub(crate) async fn on_disk(&self) -> StoreResult<()> {
        let Home(home) = Home::get_runtime();
        self.flush.done(&home).await
    }

    /// After each unit, of which a commit is on the disk then, as is all that a refusal tells of.
    pub(crate) async fn ended(&self, durability: Durability, pools: &Pools) -> StoreResult<()> {
        let commits = self.flush.commits();
        let taken = self.taken.load(Relaxed);
        if commits >= taken + checkpoint::COMMITS
            && self.taken.compare_exchange(taken, commits, Relaxed, Relaxed).is_ok()
        {
            checkpoint::behind(pools);
        }
        match durability {
            Durability::OnDisk => self.on_disk().await,
            Durability::Written => Ok(()),
        }
    }
}
