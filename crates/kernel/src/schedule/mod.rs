//! Work that comes again and again.
//!
//! ```text
//! rule (cron in a zone, or interval) ──▶ next_run ──due──▶ job, and the rule's next instant, in one transaction
//! ```
//!
//! A schedule names a kind of job. When its instant has come a worker enqueues such a job and moves `next_run` on, both in
//! one transaction that holds the schedule's row: so no occurrence fires twice, however many workers there are, and none is
//! lost by a crash. What was missed while no worker ran is judged by the [`Misfire`] policy. `next_run` always follows from
//! the stored rule: an edit of the rule computes it anew.
//!
//! # How to add a schedule
//! A tenant's: [`Tx::schedules`](crate::Tx::schedules) in the unit that wants it. The platform's: a line where the wiring
//! lists them.

#[cfg(test)]
mod clock_changes;
mod record;
mod timing;

pub use record::{Due, Misfire, Schedule};
pub use timing::{Timing, UnusableTiming};

use crate::{Kinds, ScheduleId, StoreResult, Timestamp};
use async_trait::async_trait;

/// The schedules of a unit's scope: a workspace's own, or the platform's.
#[async_trait]
pub trait Schedules: Send {
    /// Stores it, in place of one of the same name. In a tenant's unit it MUST become that tenant's. MUST leave one alone
    /// that says the same, so that its next run stays.
    async fn put(&mut self, schedule: &Schedule) -> StoreResult<()>;
    /// Takes away every schedule of the unit's workspace; none in a unit without one. Answers how many.
    async fn remove_all(&mut self) -> StoreResult<usize>;
    /// Those of the unit's scope, by name.
    async fn list(&mut self) -> StoreResult<Vec<Schedule>>;
}

/// The workers' side.
#[async_trait]
pub trait ScheduleQueue: Send {
    /// At most `most` schedules of these kinds of jobs whose next run has come at `now`, of any workspace, the longest due
    /// first. Held until the unit ends; MUST pass over those that another unit holds.
    async fn due(&mut self, kinds: Kinds<'_>, now: Timestamp, most: i64) -> StoreResult<Vec<Schedule>>;
    /// Moves the next run on.
    async fn advance(&mut self, id: ScheduleId, next_run: Timestamp) -> StoreResult<()>;
}
