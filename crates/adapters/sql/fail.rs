//! From what the database says to what a port answers.

use diesel::result::{DatabaseErrorKind as Kind, Error};
use kernel::{FailureCounts, StoreError};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Why a connection could not be had or a read failed.
#[derive(Debug)]
pub(crate) enum Fail {
    Pool(String),
    Query(Error),
}

impl From<Error> for Fail {
    fn from(error: Error) -> Self {
        Self::Query(error)
    }
}

impl From<Fail> for StoreError {
    fn from(fail: Fail) -> Self {
        match fail {
            Fail::Pool(why) => {
                POOL.fetch_add(1, Relaxed);
                Self::Unavailable(why)
            }
            Fail::Query(error) => answer(&error),
        }
    }
}

/// How often there was no connection to be had, a database that was away or busy, a row that could not be read, and what
/// has no name. Of the process, which has one store.
static POOL: AtomicU64 = AtomicU64::new(0);
static UNAVAILABLE: AtomicU64 = AtomicU64::new(0);
static CORRUPT: AtomicU64 = AtomicU64::new(0);
static INTERNAL: AtomicU64 = AtomicU64::new(0);

/// What was counted.
pub(crate) fn counts() -> FailureCounts {
    let all =
        [("pool", &POOL), ("unavailable", &UNAVAILABLE), ("corrupt", &CORRUPT), ("internal", &INTERNAL)];
    all.into_iter().map(|(reason, count)| (reason, count.load(Relaxed))).collect()
}

/// What the databases say when others were in the way for too long: SQLite's busy; PostgreSQL's lock and statement
/// timeouts, and a deadlock's victim. diesel hands on no SQLSTATE of these, so the server must speak English.
const BUSY: [&str; 3] = ["database is locked", "canceling statement due to", "deadlock detected"];

/// What PostgreSQL says when it ends a connection: it stops, restarts, fails over, or a neighbour crashed (57P01, 57P02),
/// or somebody else's statement was in its way (25P03, 57P05).
const ENDED: &str = "terminating connection";

/// No `From<diesel::Error>` for a port's error on purpose: in a unit of work only `Unit::note` may turn one into the
/// other, so that a failed statement always poisons the unit.
pub(crate) fn answer(error: &Error) -> StoreError {
    let answer = meaning(error);
    match &answer {
        StoreError::Unavailable(_) => UNAVAILABLE.fetch_add(1, Relaxed),
        StoreError::Corrupt(_) => CORRUPT.fetch_add(1, Relaxed),
        StoreError::Internal(_) => INTERNAL.fetch_add(1, Relaxed),
        _ => return answer,
    };
    answer
}

/// Whether whoever answered takes no writes: a primary that became a standby.
pub(crate) fn is_read_only(error: &Error) -> bool {
    matches!(error, Error::DatabaseError(Kind::ReadOnlyTransaction, _))
}

fn meaning(error: &Error) -> StoreError {
    match error {
        Error::DatabaseError(Kind::UniqueViolation, info) => {
            StoreError::Conflict(info.constraint_name().unwrap_or(info.message()).to_owned())
        }
        Error::DatabaseError(Kind::ForeignKeyViolation, info) => {
            StoreError::Dangling(info.constraint_name().unwrap_or(info.message()).to_owned())
        }
        Error::DatabaseError(
            Kind::ClosedConnection
            | Kind::SerializationFailure
            | Kind::UnableToSendCommand
            | Kind::ReadOnlyTransaction,
            info,
        ) => StoreError::Unavailable(info.message().to_owned()),
        Error::DatabaseError(_, info)
            if BUSY.iter().chain([&ENDED]).any(|it| info.message().contains(it)) =>
        {
            StoreError::Unavailable(info.message().to_owned())
        }
        Error::DeserializationError(why) => StoreError::Corrupt(why.to_string()),
        other => StoreError::Internal(other.to_string()),
    }
}
