//! What SQLite does its own way: one writer, calls that block, and a few statements.

mod log;
#[cfg(test)]
#[path = "tests/plans.rs"]
pub(crate) mod plans;
mod pool;
mod read;
mod statements;
mod values;

pub(crate) use log::Log;
pub(crate) use pool::{
    Conn, ConnPool, Held, SETUP, abandon, begin, commit, distrust, named, on_its_way, rollback, take,
    work_behind,
};
pub use pool::{Options, open};
pub(crate) use statements::{
    FIRST_TURN, Names, PASS_OVER_HELD, RUN_AT, forget_answers, forget_in_jobs, go_by_index, held, hold,
    try_claim, unheld,
};

/// Whose a job is, as its unique index has it: followed by the workspace, nil for none.
pub(crate) const JOB_OF: &str = "coalesce(jobs.workspace_id, x'00000000000000000000000000000000') = ";

/// What traces call the database.
pub(crate) const NAME: &str = "sqlite";

/// The day, in UTC, on which a call of a model began.
pub(crate) const DAY_OF_CALL: &str = "date(started_at / 1000000, 'unixepoch')";

/// Its clock is that of this machine.
pub(crate) const CLOCK: Option<&str> = None;

/// Whether this process makes every commit there is. The `admin` command may be at the same file beside the server, but
/// shuts nobody out.
pub(crate) const IS_ALONE: bool = true;

/// Whether a statement may write in its `with`.
pub(crate) const WRITES_IN_WITH: bool = false;

pub(crate) type Backend = diesel::sqlite::Sqlite;
