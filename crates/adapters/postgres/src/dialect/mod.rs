//! What PostgreSQL does its own way: connections and their scope, the read in one trip, and a few statements.

#[cfg(test)]
mod cancellation;
mod lending;
#[cfg(test)]
#[path = "tests/plans.rs"]
pub(crate) mod plans;
mod pool;
mod read;
mod statements;
#[cfg(test)]
#[expect(dead_code, reason = "each test binary uses a part of it")]
#[path = "../../tests/store/support.rs"]
mod support;
mod values;

pub(crate) use lending::{ConnPool, Held};
pub(crate) use pool::{
    Conn, Log, STANDING_CHANGED, WORK_WAITS, abandon, begin, commit, distrust, named, on_its_way, rollback,
    take, work_behind,
};
pub use pool::{Options, open};
pub(crate) use statements::{
    FIRST_TURN, Names, PASS_OVER_HELD, RUN_AT, forget_answers, forget_in_jobs, go_by_index, held, hold,
    try_claim, unheld,
};

/// Whose a job is, as its unique index has it: followed by the workspace, nil for none.
pub(crate) const JOB_OF: &str =
    "coalesce(jobs.workspace_id, '00000000-0000-0000-0000-000000000000'::uuid) = ";

/// What traces call the database.
pub(crate) const NAME: &str = "postgresql";

/// The day, in UTC, on which a call of a model began.
pub(crate) const DAY_OF_CALL: &str = "(started_at at time zone 'UTC')::date";

/// What tells the time of the machine that the database is on, not that of a transaction.
pub(crate) const CLOCK: Option<&str> = Some("clock_timestamp()");

/// Whether this process makes every commit there is: a server has other clients.
pub(crate) const IS_ALONE: bool = false;

/// Whether a statement may write in its `with`.
pub(crate) const WRITES_IN_WITH: bool = true;

pub(crate) type Backend = diesel::pg::Pg;
