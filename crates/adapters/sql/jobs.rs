use super::{
    Store, SystemUnit, Time, Uid, actor, actor_columns,
    json::{Json, from_json},
    schema::jobs,
    text,
    unit::{Scope, Unit},
};
use crate::dialect::{self, Backend};
use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use kernel::{
    CorrelationId, Job, JobOutbox, JobQueue, JobState, NewJob, Settlement, StoreError, StoreResult,
    SystemScope, Timestamp, UnitOfWork,
};
use std::time::Duration;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = jobs, check_for_backend(Backend))]
pub(crate) struct Row {
    id: Uid,
    kind: String,
    payload: Json,
    state: String,
    run_at: Time,
    attempts: i32,
    max_attempts: i32,
    lease_until: Option<Time>,
    worker: Option<String>,
    dedup_key: Option<String>,
    workspace_id: Option<Uid>,
    actor_kind: String,
    actor_id: Option<Uid>,
    correlation_id: String,
    causation_id: Option<Uid>,
    last_error: Option<String>,
    created_at: Time,
    finished_at: Option<Time>,
}

impl From<NewJob> for Row {
    fn from(job: NewJob) -> Self {
        let (actor_kind, actor_id) = actor_columns(job.actor);
        Self {
            id: job.id.into(),
            kind: job.kind.to_owned(),
            payload: job.payload,
            state: JobState::Queued.name().to_owned(),
            run_at: job.run_at.into(),
            attempts: 0,
            max_attempts: job.max_attempts,
            lease_until: None,
            worker: None,
            dedup_key: job.dedup_key,
            workspace_id: job.workspace_id.map(Into::into),
            actor_kind: actor_kind.to_owned(),
            actor_id,
            correlation_id: job.correlation_id.as_str().to_owned(),
            causation_id: job.causation_id.map(Into::into),
            last_error: None,
            created_at: job.created_at.into(),
            finished_at: None,
        }
    }
}

impl TryFrom<Row> for Job {
    type Error = StoreError;

    fn try_from(row: Row) -> StoreResult<Self> {
        Ok(Self {
            id: row.id.into(),
            kind: row.kind,
            payload: row.payload,
            state: text("jobs.state", &row.state, JobState::from_name)?,
            run_at: row.run_at.0,
            attempts: row.attempts,
            max_attempts: row.max_attempts,
            lease_until: row.lease_until.map(|at| at.0),
            worker: row.worker,
            dedup_key: row.dedup_key,
            workspace_id: row.workspace_id.map(Into::into),
            actor: actor(&row.actor_kind, row.actor_id)?,
            correlation_id: from_json::<CorrelationId>("correlation_id", row.correlation_id.into())?,
            causation_id: row.causation_id.map(Into::into),
            last_error: row.last_error,
            created_at: row.created_at.0,
            finished_at: row.finished_at.map(|at| at.0),
        })
    }
}

#[async_trait]
impl<S: Scope> JobOutbox for Unit<S> {
    async fn enqueue(&mut self, job: NewJob) -> StoreResult<bool> {
        let tenant = self.scope.tenant().map(Into::into);
        let job = NewJob { workspace_id: tenant.or(job.workspace_id), ..job };
        let inserted = diesel::insert_into(jobs::table)
            .values(Row::from(job))
            .on_conflict_do_nothing()
            .execute(self.conn()?)
            .await;
        let is_new = self.note(inserted)? == 1;
        self.enqueued |= is_new;
        Ok(is_new)
    }
}

impl SystemUnit {
    async fn bury_exhausted(&mut self, now: Timestamp) -> StoreResult<()> {
        let ran_out = jobs::table
            .filter(jobs::state.eq(JobState::Running.name()))
            .filter(jobs::lease_until.le(Time(now)))
            .filter(jobs::attempts.ge(jobs::max_attempts));
        let buried = diesel::update(ran_out)
            .set((
                jobs::state.eq(JobState::Failed.name()),
                jobs::last_error.eq("the lease of the last attempt ran out"),
                jobs::finished_at.eq(Time(now)),
            ))
            .execute(self.conn()?)
            .await;
        self.note(buried).map(drop)
    }

    async fn claim(&mut self, worker: &str, now: Timestamp, lease: Duration) -> StoreResult<Option<Job>> {
        self.bury_exhausted(now).await?;
        let next = dialect::next_job(self.conn()?, Time(now)).await;
        let Some(id) = self.note(next)? else { return Ok(None) };
        let claimed = diesel::update(jobs::table.find(id))
            .set((
                jobs::state.eq(JobState::Running.name()),
                jobs::attempts.eq(jobs::attempts + 1),
                jobs::worker.eq(worker),
                jobs::lease_until.eq(Time(now.plus(lease))),
            ))
            .returning(Row::as_returning())
            .get_result::<Row>(self.conn()?)
            .await;
        Job::try_from(self.note(claimed)?).map(Some)
    }

    /// Changes the job when `job.worker` still holds attempt `job.attempts` of it.
    async fn change_held(&mut self, job: &Job, change: Change) -> StoreResult<bool> {
        let held = jobs::table
            .find(Uid::from(job.id))
            .filter(jobs::state.eq(JobState::Running.name()))
            .filter(jobs::worker.eq(job.worker.clone()))
            .filter(jobs::attempts.eq(job.attempts));
        let changed = diesel::update(held).set(change).execute(self.conn()?).await;
        Ok(self.note(changed)? == 1)
    }
}

/// Columns to change; the outer `None` leaves one as it is.
#[derive(AsChangeset, Default)]
#[diesel(table_name = jobs)]
struct Change {
    state: Option<String>,
    run_at: Option<Time>,
    lease_until: Option<Option<Time>>,
    worker: Option<Option<String>>,
    last_error: Option<String>,
    finished_at: Option<Time>,
}

impl Change {
    fn of(settlement: &Settlement, now: Timestamp) -> Self {
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
impl JobQueue for Store {
    async fn claim(
        &self,
        scope: &SystemScope,
        worker: &str,
        now: Timestamp,
        lease: Duration,
    ) -> StoreResult<Option<Job>> {
        let units: &dyn UnitOfWork<SystemUnit, SystemScope> = self;
        units.run(scope, async |unit| unit.claim(worker, now, lease).await).await
    }

    async fn renew(&self, scope: &SystemScope, job: &Job, until: Timestamp) -> StoreResult<bool> {
        let change = Change { lease_until: Some(Some(until.into())), ..Change::default() };
        let units: &dyn UnitOfWork<SystemUnit, SystemScope> = self;
        units.run(scope, async |unit| unit.change_held(job, change).await).await
    }

    async fn settle(
        &self,
        scope: &SystemScope,
        job: &Job,
        settlement: &Settlement,
        now: Timestamp,
    ) -> StoreResult<bool> {
        let change = Change::of(settlement, now);
        let units: &dyn UnitOfWork<SystemUnit, SystemScope> = self;
        units.run(scope, async |unit| unit.change_held(job, change).await).await
    }

    async fn count(&self, scope: &SystemScope, state: JobState) -> StoreResult<i64> {
        let query = jobs::table.filter(jobs::state.eq(state.name())).count();
        let counts: Vec<i64> = self.read(scope, query).await?;
        Ok(counts.into_iter().next().unwrap_or(0))
    }
}
