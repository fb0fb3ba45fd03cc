//! Group commit. SQLite flushes its log within each commit (`synchronous = full`), while that holds the only lock for
//! writing: 32 writers had a p99 of 29 ms, and 1,600 writes a second. Here a commit writes the log and lets the next one go on
//! (`synchronous = normal`, which also keeps the file whole whatever happens), and is answered when the log has been flushed.
//! One flush serves all that were written before it began.
//!
//! <https://www.sqlite.org/pragma.html#pragma_synchronous>, <https://www.sqlite.org/wal.html>

use kernel::{StoreError, StoreResult};
use std::{
    fs::File,
    io,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicU64, Ordering::SeqCst},
    },
};
use tokio::{runtime::Handle, sync::watch};

/// Brings what is written to the disk.
type Disk = dyn Fn() -> io::Result<()> + Send + Sync;

pub(super) struct Flush {
    disk: Box<Disk>,
    /// Commits that are written.
    written: AtomicU64,
    asked: Mutex<Asked>,
    done: watch::Sender<u64>,
    failed: OnceLock<String>,
}

#[derive(Default)]
struct Asked {
    /// The last commit that somebody waits for.
    last: u64,
    /// Whether somebody is flushing, who will see `last`.
    flushing: bool,
}

impl Flush {
    pub(super) fn of(database: &Path) -> Self {
        let (database, log) = (database.to_owned(), OnceLock::new());
        Self::by(Box::new(move || {
            if log.get().is_none() {
                let _ = log.set(beside(&database)?);
            }
            log.get().map_or(Ok(()), |log| flush(log))
        }))
    }

    pub(super) fn by(disk: Box<Disk>) -> Self {
        Self {
            disk,
            written: AtomicU64::new(0),
            asked: Mutex::default(),
            done: watch::Sender::new(0),
            failed: OnceLock::new(),
        }
    }

    pub(super) fn written(&self) {
        self.written.fetch_add(1, SeqCst);
    }

    pub(super) fn commits(&self) -> u64 {
        self.written.load(SeqCst)
    }

    pub(super) fn sound(&self) -> StoreResult<()> {
        match self.failed.get() {
            None => Ok(()),
            Some(why) => Err(StoreError::Unavailable(format!("its log did not reach the disk: {why}"))),
        }
    }

    /// Ends when what is written by now is on the disk.
    pub(super) async fn done(self: &Arc<Self>, home: &Handle) -> StoreResult<()> {
        self.sound()?;
        let (mine, mut done) = (self.commits(), self.done.subscribe());
        if *done.borrow() < mine {
            self.ask(mine, home);
            // The sender is `self`.
            let _ = done.wait_for(|done| *done >= mine || self.failed.get().is_some()).await;
        }
        self.sound()
    }

    fn ask(self: &Arc<Self>, commit: u64, home: &Handle) {
        let mut asked = self.asked();
        asked.last = asked.last.max(commit);
        if !asked.flushing {
            asked.flushing = true;
            let this = self.clone();
            drop(home.spawn_blocking(move || this.go_on()));
        }
    }

    /// Flushes until nobody waits.
    fn go_on(&self) {
        loop {
            let written = self.commits();
            if let Err(error) = (self.disk)() {
                tracing::error!(%error, "the database's log could not be flushed; nothing is answered from it any more");
                // A second flush may say that all is well, and be wrong: the kernel may have forgotten what it could not write.
                let _ = self.failed.set(error.to_string());
            }
            self.done.send_replace(written);
            let mut asked = self.asked();
            if asked.last <= written || self.failed.get().is_some() {
                asked.flushing = false;
                return;
            }
        }
    }

    /// Nothing is done under the lock that could panic.
    fn asked(&self) -> MutexGuard<'_, Asked> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where SQLite has the log: it follows symbolic links to the database first.
fn beside(database: &Path) -> io::Result<PathBuf> {
    let mut log = database.canonicalize()?.into_os_string();
    log.push("-wal");
    Ok(log.into())
}

/// Opened each time, as the last connection that closes removes the log, and the next one makes another. SQLite's locks are
/// held through other files, so closing this one gives none of them up (<https://www.sqlite.org/howtocorrupt.html>, 2.2).
fn flush(log: &Path) -> io::Result<()> {
    match File::options().write(true).open(log) {
        Ok(log) => log.sync_data(),
        // The last connection has closed: the log was brought into the database and to the disk first.
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}
