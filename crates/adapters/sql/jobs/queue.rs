//! The workers' side of the queue.

use super::{
    Row, Waiting,
    conditions::{IsQueued, Next},
};
use crate::{
    dialect,
    sql::{Prepared, Store, SystemUnit, Time, schema::jobs},
};
use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use kernel::{
    Job, JobAttempts, JobFailure, JobId, JobQueue, JobState, Kinds, Priority, Settlement, StoreResult,
    SystemScope, Timestamp, UnitOfWork, next_turn,
};
use std::time::Duration;

impl SystemUnit {
    /// The next job that this version can read. One that a newer version wrote is as one that failed: it comes back later, and
    /// ends as a dead letter.
    async fn claim(
        &mut self,
        kinds: Kinds<'_>,
        worker: &str,
        now: Timestamp,
        lease: Duration,
    ) -> StoreResult<Option<Job>> {
        loop {
            let Some(row) = self.claim_row(kinds, worker, now, lease).await? else { return Ok(None) };
            let priority = Priority::from_name(&row.priority).unwrap_or(Priority::Normal);
            let job = Waiting { id: row.id, workspace: row.workspace_id, priority };
            let attempt = Attempt { job, number: row.attempts };
            let attempts = (row.attempts, row.max_attempts);
            match Job::try_from(row) {
                Ok(job) => return Ok(Some(job)),
                Err(error) => {
                    tracing::error!(%error, job.id = %attempt.job.id.0, job.attempt = attempts.0, "a job can't be read");
                    let failure = JobFailure::Transient(format!("this build can't read it: {error}"));
                    let settlement = Settlement::after_failure(&failure, attempts, now, 0);
                    self.end(&attempt, worker, &settlement, now).await?;
                }
            }
        }
    }

    /// Ends an attempt when this worker still holds it.
    async fn end(
        &mut self,
        attempt: &Attempt,
        worker: &str,
        settlement: &Settlement,
        now: Timestamp,
    ) -> StoreResult<bool> {
        let mut change = Change::of(settlement, attempt.number, now);
        if let Settlement::Retry { at, .. } = settlement {
            dialect::go_by_index(self.conn()?);
            let last = self.last_turn_of(&attempt.job, *at).await?;
            change.turn = Some(next_turn(*at, attempt.job.priority, last).into());
        }
        self.change_held(attempt, worker, change).await
    }

    /// One statement: the queue is asked for each job.
    async fn claim_row(
        &mut self,
        kinds: Kinds<'_>,
        worker: &str,
        now: Timestamp,
        lease: Duration,
    ) -> StoreResult<Option<Row>> {
        dialect::go_by_index(self.conn()?);
        let next = jobs::table.filter(jobs::id.nullable().eq(Next::of(kinds, now)));
        let claim = diesel::update(next)
            .set((
                jobs::state.eq(JobState::Running.name()),
                jobs::attempts.eq(jobs::attempts + 1),
                jobs::worker.eq(worker),
                jobs::lease_until.eq(Time(now.plus(lease))),
            ))
            .returning(Row::as_returning());
        let claimed = Prepared(claim).get_result::<Row>(self.conn()?).await.optional();
        self.note(claimed)
    }

    async fn change_held(&mut self, attempt: &Attempt, worker: &str, change: Change) -> StoreResult<bool> {
        let held = jobs::table
            .find(attempt.job.id)
            .filter(jobs::state.eq(JobState::Running.name()))
            .filter(jobs::worker.eq(worker))
            .filter(jobs::attempts.eq(attempt.number));
        let change = Prepared(diesel::update(held).set(change));
        let changed = change.execute(self.conn()?).await;
        Ok(self.note(changed)? == 1)
    }
}

/// An attempt, and where its job waits when it has to wait again.
struct Attempt {
    job: Waiting,
    number: i32,
}

impl From<&Job> for Attempt {
    fn from(job: &Job) -> Self {
        Self { job: job.into(), number: job.attempts }
    }
}

/// Columns to change; the outer `None` leaves one as it is.
#[derive(AsChangeset, Default)]
#[diesel(table_name = jobs)]
struct Change {
    state: Option<String>,
    run_at: Option<Time>,
    turn: Option<Time>,
    attempts: Option<i32>,
    lease_until: Option<Option<Time>>,
    worker: Option<Option<String>>,
    last_error: Option<String>,
    finished_at: Option<Time>,
}

impl Change {
    fn of(settlement: &Settlement, attempt: i32, now: Timestamp) -> Self {
        let released = Self { lease_until: Some(None), worker: Some(None), ..Self::default() };
        let state = |state: JobState| Some(state.name().to_owned());
        match settlement {
            Settlement::Succeeded => {
                Self { state: state(JobState::Succeeded), finished_at: Some(now.into()), ..released }
            }
            Settlement::Retry { at, error } => Self {
                state: state(JobState::Queued),
                run_at: Some((*at).into()),
                last_error: Some(error.clone()),
                ..released
            },
            Settlement::HandedBack => {
                Self { state: state(JobState::Queued), attempts: Some(attempt - 1), ..released }
            }
            Settlement::Failed { error } => Self {
                state: state(JobState::Failed),
                finished_at: Some(now.into()),
                last_error: Some(error.clone()),
                ..released
            },
        }
    }
}

#[async_trait]
impl JobAttempts for SystemUnit {
    async fn settle(&mut self, job: &Job, settlement: &Settlement, now: Timestamp) -> StoreResult<bool> {
        let worker = job.worker.as_deref().unwrap_or_default();
        self.end(&job.into(), worker, settlement, now).await
    }
}

#[async_trait]
impl JobQueue for Store {
    async fn claim(
        &self,
        scope: &SystemScope,
        kinds: Kinds<'_>,
        worker: &str,
        now: Timestamp,
        lease: Duration,
    ) -> StoreResult<Option<Job>> {
        let units: &dyn UnitOfWork<SystemUnit, SystemScope> = self;
        units.run(scope, async |unit| unit.claim(kinds, worker, now, lease).await).await
    }

    async fn renew(&self, scope: &SystemScope, job: &Job, until: Timestamp) -> StoreResult<bool> {
        let change = Change { lease_until: Some(Some(until.into())), ..Change::default() };
        let units: &dyn UnitOfWork<SystemUnit, SystemScope> = self;
        let worker = job.worker.as_deref().unwrap_or_default();
        units.run(scope, async |unit| unit.change_held(&job.into(), worker, change).await).await
    }

    async fn settle(
        &self,
        scope: &SystemScope,
        job: &Job,
        settlement: &Settlement,
        now: Timestamp,
    ) -> StoreResult<bool> {
        let units: &dyn UnitOfWork<SystemUnit, SystemScope> = self;
        units.run(scope, async |unit| unit.settle(job, settlement, now).await).await
    }

    async fn waiting_since(&self, scope: &SystemScope, now: Timestamp) -> StoreResult<Option<Timestamp>> {
        let query = jobs::table
            .filter(IsQueued)
            .filter(jobs::run_at.le(Time(now)))
            .order(jobs::run_at)
            .limit(1)
            .select(jobs::run_at);
        let longest: Vec<Time> = self.read(scope, query).await?;
        Ok(longest.into_iter().next().map(|at| at.0))
    }

    async fn dead_letters(
        &self,
        scope: &SystemScope,
        kind: Option<&str>,
        after: Option<JobId>,
        most: i64,
    ) -> StoreResult<Vec<Job>> {
        self.list_dead_letters(scope, kind, after, most).await
    }

    async fn count(&self, scope: &SystemScope, state: JobState) -> StoreResult<i64> {
        let query = jobs::table.filter(jobs::state.eq(state.name())).count();
        let counts: Vec<i64> = self.read(scope, query).await?;
        Ok(counts.into_iter().next().unwrap_or(0))
    }
}
