use crate::{
    store::Store,
    unit::{Scope, Unit},
};
use async_trait::async_trait;
use kernel::{
    Ended, Job, JobAttempts, JobFilter, JobId, JobOutbox, JobQueue, JobReader, JobRepository, JobState,
    JobTx, Kinds, NewJob, Page, PageRequest, Priority, Settlement, StoreError, StoreResult, SystemScope,
    Timestamp, UserId, WorkspaceId, WorkspaceScope, next_turn,
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

    /// Takes away jobs that ended long ago; answers how many.
    pub(crate) fn sweep(&mut self, ended: Ended, most: usize) -> usize {
        let old = |job: &&Job| {
            let until = if job.state == JobState::Failed { ended.dead_letters } else { ended.jobs };
            job.finished_at.is_some_and(|at| at < until)
        };
        let gone: Vec<JobId> = self.0.values().filter(old).map(|job| job.id).take(most).collect();
        gone.iter().for_each(|id| drop(self.0.remove(id)));
        gone.len()
    }

    /// The latest turn of what the workspace has waiting at `run_at`, beside this job.
    fn last_turn(
        &self,
        id: JobId,
        (workspace, priority): (Option<WorkspaceId>, Priority),
        run_at: Timestamp,
    ) -> Option<Timestamp> {
        let waiting = self.0.values().filter(|other| {
            workspace.is_some()
                && other.id != id
                && other.workspace_id == workspace
                && (other.state, other.priority) == (JobState::Queued, priority)
                && other.run_at <= run_at
        });
        waiting.map(|other| other.turn).max()
    }

    /// The oldest first.
    fn dead_letters(&self, kind: Option<&str>, after: Option<JobId>) -> impl Iterator<Item = &Job> {
        self.0.values().filter(move |job| {
            job.state == JobState::Failed
                && kind.is_none_or(|kind| job.kind == kind)
                && after.is_none_or(|after| job.id > after)
        })
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

    /// Another queued or running job of its kind, workspace and dedup key.
    fn twin_of(&self, job: &Job) -> Option<&Job> {
        self.0.values().find(|other| {
            job.dedup_key.is_some()
                && other.id != job.id
                && matches!(other.state, JobState::Queued | JobState::Running)
                && (&other.kind, other.workspace_id, &other.dedup_key)
                    == (&job.kind, job.workspace_id, &job.dedup_key)
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

    /// Ends an attempt that is still held.
    fn settle(&mut self, job: &Job, settlement: &Settlement, now: Timestamp) -> bool {
        let retry_at = if let Settlement::Retry { at, .. } = settlement { *at } else { now };
        let last = self.last_turn(job.id, (job.workspace_id, job.priority), retry_at);
        let Some(stored) = self.held(job) else { return false };
        (stored.lease_until, stored.worker) = (None, None);
        match settlement {
            Settlement::Succeeded => (stored.state, stored.finished_at) = (JobState::Succeeded, Some(now)),
            Settlement::Retry { at, error } => {
                (stored.state, stored.run_at, stored.last_error) =
                    (JobState::Queued, *at, Some(error.clone()));
                stored.turn = next_turn(*at, stored.priority, last);
            }
            Settlement::HandedBack => {
                (stored.state, stored.attempts) = (JobState::Queued, stored.attempts - 1);
            }
            Settlement::Failed { error } => {
                (stored.state, stored.finished_at) = (JobState::Failed, Some(now));
                stored.last_error = Some(error.clone());
            }
        }
        true
    }
}

#[async_trait]
impl JobAttempts for Unit<SystemScope> {
    async fn settle(&mut self, job: &Job, settlement: &Settlement, now: Timestamp) -> StoreResult<bool> {
        self.statement(|unit| Ok(unit.state.jobs.settle(job, settlement, now)))
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
            let of = (job.workspace_id, job.priority);
            let last = unit.state.jobs.last_turn(job.id, of, job.run_at);
            let turn = next_turn(job.run_at, job.priority, last);
            unit.state.jobs.0.insert(job.id, job.queued(turn));
            unit.enqueued = true;
            Ok(true)
        })
    }
}

/// Whether it waits and its time has come, or its lease ran out: until somebody claims it, its worker still has it.
fn is_due(job: &Job, now: Timestamp) -> bool {
    match job.state {
        JobState::Queued => job.run_at <= now,
        JobState::Running => job.lease_until.is_some_and(|until| until <= now),
        _ => false,
    }
}

#[async_trait]
impl JobQueue for Store {
    async fn claim(
        &self,
        _: &SystemScope,
        kinds: Kinds<'_>,
        worker: &str,
        now: Timestamp,
        lease: Duration,
    ) -> StoreResult<Option<Job>> {
        let mut state = self.state().await?;
        let wanted = |job: &Job| match kinds {
            Kinds::All => true,
            Kinds::Only(kinds) => kinds.contains(&job.kind.as_str()),
        };
        let due = |job: &&mut Job| is_due(job, now) && wanted(job);
        let next = state.jobs.0.values_mut().filter(due).min_by_key(|job| (job.turn, job.id));
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
        Ok(self.state().await?.jobs.settle(job, settlement, now))
    }

    async fn waiting_since(&self, _: &SystemScope, now: Timestamp) -> StoreResult<Option<Timestamp>> {
        let state = self.state().await?;
        let queued = state.jobs.0.values().filter(|job| job.state == JobState::Queued);
        Ok(queued.map(|job| job.run_at).filter(|at| *at <= now).min())
    }

    async fn dead_letters(
        &self,
        _: &SystemScope,
        kind: Option<&str>,
        after: Option<JobId>,
        most: i64,
    ) -> StoreResult<Vec<Job>> {
        let state = self.state().await?;
        Ok(state.jobs.dead_letters(kind, after).take(usize::try_from(most).unwrap_or(0)).cloned().collect())
    }

    async fn count(&self, _: &SystemScope, job_state: JobState) -> StoreResult<i64> {
        let state = self.state().await?;
        let count = state.jobs.0.values().filter(|job| job.state == job_state).count();
        Ok(i64::try_from(count).unwrap_or(i64::MAX))
    }
}

#[async_trait]
impl<S: Scope> JobRepository for Unit<S> {
    async fn find(&mut self, id: JobId) -> StoreResult<Option<Job>> {
        let own = self.scope.tenant();
        self.statement(|unit| Ok(unit.state.jobs.0.get(&id).filter(|job| job.workspace_id == own).cloned()))
    }

    async fn last_turn(&mut self, job: &Job, run_at: Timestamp) -> StoreResult<Option<Timestamp>> {
        let of = (self.scope.tenant(), job.priority);
        self.statement(|unit| Ok(unit.state.jobs.last_turn(job.id, of, run_at)))
    }

    async fn has_twin(&mut self, job: &Job) -> StoreResult<bool> {
        self.statement(|unit| Ok(unit.state.jobs.twin_of(job).is_some()))
    }

    async fn save(&mut self, job: &Job) -> StoreResult<()> {
        let own = self.scope.tenant();
        self.statement(|unit| {
            let is_alive = matches!(job.state, JobState::Queued | JobState::Running);
            if is_alive && unit.state.jobs.twin_of(job).is_some() {
                return Err(StoreError::Conflict("jobs_alive".to_owned()));
            }
            let stored = unit.state.jobs.0.get_mut(&job.id).filter(|job| job.workspace_id == own);
            if let Some(stored) = stored {
                *stored = job.clone();
            }
            Ok(())
        })
    }
}

impl<S: Scope> JobTx for Unit<S> {
    fn job_records(&mut self) -> &mut dyn JobRepository {
        self
    }
}

#[async_trait]
impl JobReader for Store {
    async fn find(&self, scope: &WorkspaceScope, id: JobId) -> StoreResult<Option<Job>> {
        let state = self.state().await?;
        Ok(state.jobs.0.get(&id).filter(|job| job.workspace_id == Some(scope.workspace())).cloned())
    }

    async fn page(
        &self,
        scope: &WorkspaceScope,
        filter: &JobFilter,
        request: &PageRequest,
    ) -> StoreResult<Page<Job>> {
        let state = self.state().await?;
        let found = state.jobs.0.values().rev().filter(|job| {
            job.workspace_id == Some(scope.workspace())
                && filter.state.is_none_or(|state| job.state == state)
                && filter.kind.as_ref().is_none_or(|kind| job.kind == *kind)
                && request.after.is_none_or(|after| job.id.uuid() < after)
        });
        Ok(Page::cut(found.cloned().collect(), request.limit, |job| job.id.uuid()))
    }

    async fn dead_letters(
        &self,
        scope: &WorkspaceScope,
        kind: Option<&str>,
        after: Option<JobId>,
        most: i64,
    ) -> StoreResult<Vec<Job>> {
        let state = self.state().await?;
        let own = |job: &&Job| job.workspace_id == Some(scope.workspace());
        Ok(state
            .jobs
            .dead_letters(kind, after)
            .filter(own)
            .take(usize::try_from(most).unwrap_or(0))
            .cloned()
            .collect())
    }
}
