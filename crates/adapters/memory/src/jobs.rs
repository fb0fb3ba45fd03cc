use crate::{
    store::Store,
    unit::{Scope, Unit},
};
use async_trait::async_trait;
use kernel::{
    Job, JobId, JobOutbox, JobQueue, JobState, NewJob, Settlement, StoreResult, SystemScope, Timestamp,
    UserId, WorkspaceId,
};
use std::{collections::BTreeMap, time::Duration};

#[derive(Clone, Default)]
pub(crate) struct State(BTreeMap<JobId, Job>);

impl State {
    /// Empties the payload of ended jobs that name the person: by address, or by id for the jobs of people.
    pub(crate) fn forget(&mut self, user: UserId, address: &str) {
        let ended = |job: &&mut Job| !matches!(job.state, JobState::Queued | JobState::Running);
        for job in self.0.values_mut().filter(ended) {
            let payload = job.payload.to_string();
            let by_id = job.kind.starts_with("identity.") && payload.contains(&user.to_string());
            if by_id || payload.to_ascii_lowercase().contains(address) {
                (job.payload, job.last_error) = (serde_json::json!({}), None);
            }
        }
    }

    /// Forgets the workspace's jobs but `kept`, which becomes nobody's.
    pub(crate) fn purge(&mut self, workspace: WorkspaceId, kept: JobId) {
        if let Some(job) = self.0.get_mut(&kept).filter(|job| job.workspace_id == Some(workspace)) {
            job.workspace_id = None;
        }
        self.0.retain(|_, job| job.workspace_id != Some(workspace));
    }

    fn is_alive(&self, job: &NewJob) -> bool {
        job.dedup_key.is_some()
            && self.0.values().any(|other| {
                matches!(other.state, JobState::Queued | JobState::Running)
                    && other.kind == job.kind
                    && other.workspace_id == job.workspace_id
                    && other.dedup_key == job.dedup_key
            })
    }

    /// The job, when `job.worker` still holds attempt `job.attempts` of it.
    fn held(&mut self, job: &Job) -> Option<&mut Job> {
        self.0.get_mut(&job.id).filter(|stored| {
            stored.state == JobState::Running
                && stored.worker == job.worker
                && stored.attempts == job.attempts
        })
    }
}

#[async_trait]
impl<S: Scope> JobOutbox for Unit<S> {
    async fn enqueue(&mut self, job: NewJob) -> StoreResult<bool> {
        self.statement(|unit| {
            let job = NewJob { workspace_id: unit.scope.tenant().or(job.workspace_id), ..job };
            if unit.state.jobs.is_alive(&job) {
                return Ok(false);
            }
            unit.state.jobs.0.insert(job.id, queued(job));
            unit.enqueued = true;
            Ok(true)
        })
    }
}

fn queued(job: NewJob) -> Job {
    Job {
        id: job.id,
        kind: job.kind.to_owned(),
        payload: job.payload,
        state: JobState::Queued,
        run_at: job.run_at,
        attempts: 0,
        max_attempts: job.max_attempts,
        lease_until: None,
        worker: None,
        dedup_key: job.dedup_key,
        workspace_id: job.workspace_id,
        actor: job.actor,
        correlation_id: job.correlation_id,
        causation_id: job.causation_id,
        last_error: None,
        created_at: job.created_at,
        finished_at: None,
    }
}

fn lease_ran_out(job: &Job, now: Timestamp) -> bool {
    job.state == JobState::Running && job.lease_until.is_some_and(|until| until <= now)
}

#[async_trait]
impl JobQueue for Store {
    async fn claim(
        &self,
        _: &SystemScope,
        worker: &str,
        now: Timestamp,
        lease: Duration,
    ) -> StoreResult<Option<Job>> {
        let mut state = self.state().await?;
        for job in state.jobs.0.values_mut().filter(|job| lease_ran_out(job, now)) {
            if job.attempts >= job.max_attempts {
                job.state = JobState::Failed;
                job.last_error = Some("the lease of the last attempt ran out".to_owned());
                job.finished_at = Some(now);
            }
        }
        let due =
            |job: &&mut Job| (job.state == JobState::Queued && job.run_at <= now) || lease_ran_out(job, now);
        let next = state.jobs.0.values_mut().filter(due).min_by_key(|job| (job.run_at, job.id));
        Ok(next.map(|job| {
            job.state = JobState::Running;
            job.attempts += 1;
            job.worker = Some(worker.to_owned());
            job.lease_until = Some(now.plus(lease));
            job.clone()
        }))
    }

    async fn renew(&self, _: &SystemScope, job: &Job, until: Timestamp) -> StoreResult<bool> {
        let mut state = self.state().await?;
        let held = state.jobs.held(job);
        Ok(held.map(|stored| stored.lease_until = Some(until)).is_some())
    }

    async fn settle(
        &self,
        _: &SystemScope,
        job: &Job,
        settlement: &Settlement,
        now: Timestamp,
    ) -> StoreResult<bool> {
        let mut state = self.state().await?;
        let Some(stored) = state.jobs.held(job) else { return Ok(false) };
        (stored.lease_until, stored.worker) = (None, None);
        match settlement {
            Settlement::Succeeded => (stored.state, stored.finished_at) = (JobState::Succeeded, Some(now)),
            Settlement::Retry { at, error } => {
                (stored.state, stored.run_at, stored.last_error) =
                    (JobState::Queued, *at, Some(error.clone()));
            }
            Settlement::Failed { error } => {
                (stored.state, stored.finished_at) = (JobState::Failed, Some(now));
                stored.last_error = Some(error.clone());
            }
        }
        Ok(true)
    }

    async fn count(&self, _: &SystemScope, job_state: JobState) -> StoreResult<i64> {
        let state = self.state().await?;
        let count = state.jobs.0.values().filter(|job| job.state == job_state).count();
        Ok(i64::try_from(count).unwrap_or(i64::MAX))
    }
}
