//! The log's file, and what follows when the disk fails.

use std::{
    fs::{File, Metadata},
    io,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

/// Brings what is written to the disk.
pub(super) type Disk = Box<dyn Fn() -> Result<(), NotFlushed> + Send + Sync>;

/// The log could not be opened, as when the process has too many files open: nothing was asked of the disk, and the next flush
/// serves as well.
#[derive(Debug)]
pub(super) struct NotFlushed(pub(super) io::Error);

/// The disk under the log of this database.
pub(super) fn under(database: &Path) -> Disk {
    let (database, kept) = (database.to_owned(), Mutex::new(None));
    Box::new(move || {
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        match log_of(&database, kept.take()) {
            Ok(Some(log)) => {
                if let Err(error) = kept.insert(log).sync_data() {
                    give_up(&error);
                }
                Ok(())
            }
            // The last connection has closed: the log was brought into the database and to the disk first.
            Ok(None) => Ok(()),
            Err(error) => Err(NotFlushed(error)),
        }
    })
}

/// Ends the process at once, as PostgreSQL does (<https://wiki.postgresql.org/wiki/Fsync_Errors>). What the kernel could not write it
/// may forget: a second flush would say that all is well, and a checkpoint, such as that of an orderly end, could copy pages
/// that are no longer what was written. The next start reads the log anew, and believes only what its checksums prove.
pub(super) fn give_up(error: &dyn std::fmt::Display) -> ! {
    tracing::error!(%error, "the database's log could not be flushed; this process ends, and nothing that was answered is lost");
    std::process::abort()
}

/// The log, opened when it is not the one that is `kept`: the last connection that closes removes it, and the next one makes
/// another. One file stays open, as an error of the disk is told once to each that was open when it happened, and SQLite's own
/// may hear of it first. SQLite's locks are held through other files, so closing this one gives none of them up
/// (<https://www.sqlite.org/howtocorrupt.html>, 2.2).
fn log_of(database: &Path, kept: Option<File>) -> io::Result<Option<File>> {
    let path = beside(database)?;
    let there = match path.metadata() {
        Ok(there) => there,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    if let Some(kept) = kept
        && kept.metadata().is_ok_and(|metadata| is_same(&metadata, &there))
    {
        return Ok(Some(kept));
    }
    File::options().write(true).open(path).map(Some)
}

#[cfg(unix)]
fn is_same(one: &Metadata, other: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

#[cfg(not(unix))]
const fn is_same(_: &Metadata, _: &Metadata) -> bool {
    false
}

/// Where SQLite has the log: it follows symbolic links to the database first.
fn beside(database: &Path) -> io::Result<PathBuf> {
    let mut log = database.canonicalize()?.into_os_string();
    log.push("-wal");
    Ok(log.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn one_file_stays_open_until_sqlite_makes_another() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("a.db");
        let log = folder.path().join("a.db-wal");
        let is_there = |kept: &File| is_same(&kept.metadata().unwrap(), &log.metadata().unwrap());
        fs::write(&database, "").unwrap();
        assert!(log_of(&database, None).unwrap().is_none(), "there is no log yet");
        fs::write(&log, "").unwrap();
        let kept = log_of(&database, None).unwrap().unwrap();
        let old = kept.metadata().unwrap();
        let kept = log_of(&database, Some(kept)).unwrap().unwrap();
        assert!(is_same(&old, &kept.metadata().unwrap()));
        // While the old one is open, its number is not given to the new one.
        fs::remove_file(&log).unwrap();
        fs::write(&log, "").unwrap();
        let kept = log_of(&database, Some(kept)).unwrap().unwrap();
        assert!(is_there(&kept) && !is_same(&old, &kept.metadata().unwrap()));
        #[cfg(unix)]
        {
            let linked = folder.path().join("link.db");
            std::os::unix::fs::symlink(&database, &linked).unwrap();
            assert!(is_there(&log_of(&linked, None).unwrap().unwrap()), "the log is beside the file itself");
        }
    }
}
