//! Statements that the databases say differently. The single writer does what PostgreSQL's row locks do.

use super::Conn;
use crate::sql::{Time, Uid, schema::jobs};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use kernel::JobState;

/// A transaction that writes holds everything.
macro_rules! held {
    ($query:expr) => {
        $query
    };
}
pub(crate) use held;

/// There is no second open unit that could hold the key.
pub(crate) async fn try_claim(_: &mut Conn, _: &str) -> QueryResult<bool> {
    Ok(true)
}

/// There is no second open unit that could want the key.
pub(crate) async fn hold(_: &mut Conn, _: &str) -> QueryResult<()> {
    Ok(())
}

/// The job that has waited longest.
pub(crate) async fn next_job(conn: &mut Conn, now: Time) -> QueryResult<Option<Uid>> {
    let waiting = jobs::state.eq(JobState::Queued.name()).and(jobs::run_at.le(now));
    let abandoned = jobs::state.eq(JobState::Running.name()).and(jobs::lease_until.le(now).assume_not_null());
    jobs::table
        .filter(waiting.or(abandoned))
        .order((jobs::run_at, jobs::id))
        .select(jobs::id)
        .first(conn)
        .await
        .optional()
}
