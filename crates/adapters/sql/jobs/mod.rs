use super::{
    Prepared, Time, Uid, actor, actor_columns,
    json::{Json, from_json},
    schema::jobs,
    text,
    unit::{Scope, Unit},
};
use crate::dialect::Backend;
use async_trait::async_trait;
pub(crate) use conditions::IsQueued;
#[cfg(test)]
pub(crate) use conditions::Next;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use kernel::{
    CorrelationId, Job, JobOutbox, JobState, NewJob, Priority, StoreError, StoreResult, Timestamp, next_turn,
};

mod conditions;
mod queue;
mod records;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = jobs, check_for_backend(Backend))]
pub(crate) struct Row {
    id: Uid,
    kind: String,
    payload: Json,
    state: String,
    run_at: Time,
    priority: String,
    turn: Time,
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
    traceparent: Option<String>,
    last_error: Option<String>,
    created_at: Time,
    finished_at: Option<Time>,
}

impl From<Job> for Row {
    fn from(job: Job) -> Self {
        let (actor_kind, actor_id) = actor_columns(job.actor);
        Self {
            id: job.id.into(),
            kind: job.kind,
            payload: job.payload,
            state: job.state.name().to_owned(),
            run_at: job.run_at.into(),
            priority: job.priority.name().to_owned(),
            turn: job.turn.into(),
            attempts: job.attempts,
            max_attempts: job.max_attempts,
            lease_until: job.lease_until.map(Into::into),
            worker: job.worker,
            dedup_key: job.dedup_key,
            workspace_id: job.workspace_id.map(Into::into),
            actor_kind: actor_kind.to_owned(),
            actor_id,
            correlation_id: job.correlation_id.as_str().to_owned(),
            causation_id: job.causation_id.map(Into::into),
            traceparent: job.traceparent,
            last_error: job.last_error,
            created_at: job.created_at.into(),
            finished_at: job.finished_at.map(Into::into),
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
            priority: text("jobs.priority", &row.priority, Priority::from_name)?,
            turn: row.turn.0,
            attempts: row.attempts,
            max_attempts: row.max_attempts,
            lease_until: row.lease_until.map(|at| at.0),
            worker: row.worker,
            dedup_key: row.dedup_key,
            workspace_id: row.workspace_id.map(Into::into),
            actor: actor(&row.actor_kind, row.actor_id)?,
            correlation_id: from_json::<CorrelationId>("correlation_id", row.correlation_id.into())?,
            causation_id: row.causation_id.map(Into::into),
            traceparent: row.traceparent,
            last_error: row.last_error,
            created_at: row.created_at.0,
            finished_at: row.finished_at.map(|at| at.0),
        })
    }
}

/// A job, and what it waits behind.
struct Waiting {
    id: Uid,
    workspace: Option<Uid>,
    priority: Priority,
}

impl From<&Job> for Waiting {
    fn from(job: &Job) -> Self {
        let workspace = job.workspace_id.map(Into::into);
        Self { id: job.id.into(), workspace, priority: job.priority }
    }
}

impl<S: Scope> Unit<S> {
    /// The latest turn of what the workspace has waiting at `run_at`, beside this job; others' units are not waited for.
    async fn last_turn_of(&mut self, job: &Waiting, run_at: Timestamp) -> StoreResult<Option<Timestamp>> {
        let Some(workspace) = job.workspace else { return Ok(None) };
        let last = jobs::table
            .filter(jobs::workspace_id.eq(workspace))
            .filter(IsQueued)
            .filter(jobs::priority.eq(job.priority.name()))
            .filter(jobs::run_at.le(Time(run_at)))
            .filter(jobs::id.ne(job.id))
            .order(jobs::turn.desc())
            .select(jobs::turn)
            .first::<Time>(self.conn()?)
            .await
            .optional();
        Ok(self.note(last)?.map(|turn| turn.0))
    }
}

#[async_trait]
impl<S: Scope> JobOutbox for Unit<S> {
    async fn enqueue(&mut self, job: NewJob) -> StoreResult<bool> {
        let tenant = self.scope.tenant().map(Into::into);
        let job = NewJob { workspace_id: tenant.or(job.workspace_id), ..job };
        let waiting = Waiting {
            id: job.id.into(),
            workspace: job.workspace_id.map(Into::into),
            priority: job.priority,
        };
        let last = self.last_turn_of(&waiting, job.run_at).await?;
        let turn = next_turn(job.run_at, job.priority, last);
        let insert =
            diesel::insert_into(jobs::table).values(Row::from(job.queued(turn))).on_conflict_do_nothing();
        let inserted = Prepared(insert).execute(self.conn()?).await;
        let is_new = self.note(inserted)? == 1;
        self.enqueued |= is_new;
        Ok(is_new)
    }
}
