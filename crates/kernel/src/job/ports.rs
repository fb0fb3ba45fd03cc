//! What handlers, workers and those who look after jobs need.

use super::{Job, JobFailure, JobState, NewJob, Settlement};
use crate::{JobId, Page, PageRequest, StoreResult, SystemScope, Timestamp, WorkspaceScope};
use async_trait::async_trait;
use std::time::Duration;

/// Does the work of one kind of job.
#[async_trait]
pub trait JobHandler: Send + Sync {
    /// The kind of job it handles.
    fn kind(&self) -> &'static str;
    /// How long one attempt may take before it counts as failed.
    fn time_limit(&self) -> Duration {
        Duration::from_secs(300)
    }
    /// How many jobs of the kind one worker runs at a time, at most.
    fn parallel(&self) -> usize {
        usize::MAX
    }
    /// Whether [`handle`](Self::handle) ends the attempt itself when it goes well, by [`JobAttempts`] in the unit of what it
    /// does: then no attempt does the same again.
    fn settles(&self) -> bool {
        false
    }
    /// Does the work. MUST be idempotent: the same job may come twice, also while the first run is still going on.
    async fn handle(&self, job: &Job) -> Result<(), JobFailure>;
    /// Ends what waits for the job, which becomes a dead letter with `error`: also after a panic or a time
    /// limit or the death of a worker, of which [`handle`](Self::handle) could tell nobody, and when it was called off.
    /// MUST be idempotent: it comes before the job's end is stored, and again when the worker dies in between, or after an
    /// error.
    async fn buried(&self, _job: &Job, _error: &str) -> Result<(), JobFailure> {
        Ok(())
    }
}

/// Where a unit of work leaves work for later.
#[async_trait]
pub trait JobOutbox: Send {
    /// Enqueues in the unit's transaction. In a tenant's unit the job MUST become that tenant's, whatever it says. MUST
    /// answer `false` and change nothing when the dedup key is taken by a
    /// queued or running job of the same kind and workspace.
    async fn enqueue(&mut self, job: NewJob) -> StoreResult<bool>;
}

/// The workers' side of the queue. Each method is a transaction of its own.
#[async_trait]
pub trait JobQueue: Send + Sync {
    /// Takes the job whose turn is next of those of these kinds whose time has come, or whose lease ran out, before `now`;
    /// one attempt more on its count. MUST give one job to one worker only. One that was out of attempts is
    /// [exhausted](Job::is_exhausted) then, to be buried.
    async fn claim(
        &self,
        scope: &SystemScope,
        kinds: Kinds<'_>,
        worker: &str,
        now: Timestamp,
        lease: Duration,
    ) -> StoreResult<Option<Job>>;
    /// Moves the end of the lease. MUST answer `false` when the worker holds it no longer.
    async fn renew(&self, scope: &SystemScope, job: &Job, until: Timestamp) -> StoreResult<bool>;
    /// Ends an attempt. MUST answer `false` and change nothing when `job.worker` no longer holds attempt
    /// `job.attempts`. One to be retried MUST take the turn that a new one of its workspace would
    /// ([`next_turn`](super::next_turn)); one that is handed back MUST keep its turn and get its attempt back.
    async fn settle(
        &self,
        scope: &SystemScope,
        job: &Job,
        settlement: &Settlement,
        now: Timestamp,
    ) -> StoreResult<bool>;
    /// Since when the job waits that has waited longest of those whose time has come at `now`: how far the work lags
    /// behind.
    async fn waiting_since(&self, scope: &SystemScope, now: Timestamp) -> StoreResult<Option<Timestamp>>;
    /// Dead letters of all workspaces and of none, of this kind only when there is one, after this one; the oldest (lowest
    /// id) first, `most` at most.
    async fn dead_letters(
        &self,
        scope: &SystemScope,
        kind: Option<&str>,
        after: Option<JobId>,
        most: i64,
    ) -> StoreResult<Vec<Job>>;
    /// How many jobs are in each state: for health and for tests that wait for the queue to be empty.
    async fn count(&self, scope: &SystemScope, state: JobState) -> StoreResult<i64>;
}

/// Ends attempts in the unit of what they have done.
#[async_trait]
pub trait JobAttempts: Send {
    /// As [`JobQueue::settle`]; whoever hears `false` MUST take back the unit.
    async fn settle(&mut self, job: &Job, settlement: &Settlement, now: Timestamp) -> StoreResult<bool>;
}

/// Which jobs are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kinds<'k> {
    /// Any.
    All,
    /// These; none when there are none.
    Only(&'k [&'static str]),
}

/// The jobs of the unit's workspace, inside a unit of work; in the system's unit, those of no workspace.
#[async_trait]
pub trait JobRepository: Send {
    /// The job of this id, held until the unit ends.
    async fn find(&mut self, id: JobId) -> StoreResult<Option<Job>>;
    /// The latest turn of the waiting jobs of its workspace and priority, but for itself, whose time has come at `run_at`;
    /// `None` for a job of no workspace.
    async fn last_turn(&mut self, job: &Job, run_at: Timestamp) -> StoreResult<Option<Timestamp>>;
    /// Whether another queued or running job has its kind and dedup key.
    async fn has_twin(&mut self, job: &Job) -> StoreResult<bool>;
    /// Stores state, times, turn, attempts and worker of a job that is there. MUST answer `Conflict` when it comes alive
    /// beside a twin.
    async fn save(&mut self, job: &Job) -> StoreResult<()>;
}

/// A unit of work in which jobs are looked after.
pub trait JobTx: crate::Tx {
    /// The jobs that are there; [`Tx::jobs`](crate::Tx::jobs) is where more are enqueued.
    fn job_records(&mut self) -> &mut dyn JobRepository;
}

/// Which jobs of a workspace are shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JobFilter {
    /// In this state only.
    pub state: Option<JobState>,
    /// Of this kind only.
    pub kind: Option<String>,
}

/// Reads the jobs of a workspace, one round trip each.
#[async_trait]
pub trait JobReader: Send + Sync {
    /// The job of this id in the scope's workspace.
    async fn find(&self, scope: &WorkspaceScope, id: JobId) -> StoreResult<Option<Job>>;
    /// The workspace's jobs that the filter finds, the newest (highest id) first.
    async fn page(
        &self,
        scope: &WorkspaceScope,
        filter: &JobFilter,
        request: &PageRequest,
    ) -> StoreResult<Page<Job>>;
    /// The workspace's dead letters, of this kind only when there is one, after this one; the oldest (lowest id) first,
    /// `most` at most.
    async fn dead_letters(
        &self,
        scope: &WorkspaceScope,
        kind: Option<&str>,
        after: Option<JobId>,
        most: i64,
    ) -> StoreResult<Vec<Job>>;
}

/// Told after a commit that enqueued jobs or told facts, so that a worker in this process need not wait for its next poll.
pub trait Wake: Send + Sync {
    /// There is work.
    fn wake(&self);
}
