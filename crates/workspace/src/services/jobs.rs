//! Looking after a workspace's background work.

use crate::{Error, Result, events, ports::WorkspaceUow};
use kernel::{
    Area, CallContext, Environment, Job, JobFilter, JobId, JobReader, JobState, JobTx, NewJob, Page,
    PageRequest, Role, StoreError, WorkspaceScope,
};
use std::sync::Arc;

/// Shows jobs, calls them off, and wants them again.
#[derive(Clone)]
#[expect(missing_docs, reason = "each field is the port that its type names")]
pub struct JobService {
    pub uow: Arc<WorkspaceUow>,
    pub jobs: Arc<dyn JobReader>,
    pub env: Environment,
}

/// What became of some dead letters, and where to go on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Replay {
    /// So many wait again.
    pub replayed: u64,
    /// So many stayed, as a younger job does the same.
    pub superseded: u64,
    /// The last one that was looked at: the next replay goes on after it.
    pub last: Option<JobId>,
    /// Whether there are more.
    pub has_more: bool,
}

impl Replay {
    /// So many dead letters are looked at in one call.
    pub(super) const AT_ONCE: i64 = 100;

    /// Of these, one more than are looked at where there are more, which is cut off.
    pub(super) fn of(dead: &mut Vec<Job>) -> Self {
        let most = usize::try_from(Self::AT_ONCE).unwrap_or(usize::MAX);
        let has_more = dead.len() > most;
        dead.truncate(most);
        Self { last: dead.last().map(|job| job.id), has_more, ..Self::default() }
    }

    pub(super) fn note(&mut self, revival: Revival) {
        match revival {
            Revival::Revived => self.replayed += 1,
            Revival::Superseded => self.superseded += 1,
            Revival::Gone => {}
        }
    }
}

impl JobService {
    /// The workspace's jobs, the newest first.
    ///
    /// # Errors
    /// [`Error::Denied`] for a key without the scope, or the store's.
    pub async fn list(
        &self,
        scope: &WorkspaceScope,
        filter: &JobFilter,
        page: &PageRequest,
    ) -> Result<Page<Job>> {
        scope.require(Area::Jobs.read())?;
        Ok(self.jobs.page(scope, filter, page).await?)
    }

    /// The workspace's jobs that were given up, the newest first.
    ///
    /// # Errors
    /// [`Error::Denied`] below admin, or the store's.
    pub async fn dead_letters(
        &self,
        scope: &WorkspaceScope,
        filter: &JobFilter,
        page: &PageRequest,
    ) -> Result<Page<Job>> {
        scope.require(Area::Jobs.read().by(Role::Admin))?;
        Ok(self.jobs.page(scope, filter, page).await?)
    }

    /// One job.
    ///
    /// # Errors
    /// [`Error::NotFound`], also for another workspace's.
    pub async fn get(&self, scope: &WorkspaceScope, id: JobId) -> Result<Job> {
        scope.require(Area::Jobs.read())?;
        self.jobs.find(scope, id).await?.ok_or(Error::NotFound)
    }

    /// Wants a dead letter or a cancelled job again, from its beginning; one that waits for its time runs now.
    ///
    /// # Errors
    /// [`Error::Denied`] below admin, [`Error::NotFound`], [`Error::JobNotRetriable`] for one that runs or is done,
    /// [`Error::JobSuperseded`] when a younger one does the same.
    pub async fn retry(&self, ctx: &CallContext, scope: &WorkspaceScope, id: JobId) -> Result<Job> {
        scope.require(Area::Jobs.write().by(Role::Admin))?;
        self.uow
            .run_once(scope, ctx, self.env.now(), async |tx| {
                let job = tx.job_records().find(id).await?.ok_or(Error::NotFound)?;
                revive(tx, &self.env, ctx, &job).await
            })
            .await
    }

    /// Calls a job off. One that is running is stopped within seconds; what waited for it is told by a job of its own, which
    /// can't be called off: nothing else tells.
    ///
    /// # Errors
    /// [`Error::Denied`] below admin, [`Error::NotFound`], [`Error::JobEnded`], [`Error::JobNotCancellable`].
    pub async fn cancel(&self, ctx: &CallContext, scope: &WorkspaceScope, id: JobId) -> Result<Job> {
        scope.require(Area::Jobs.write().by(Role::Admin))?;
        let now = self.env.now();
        self.uow
            .run_once(scope, ctx, now, async |tx| {
                let job = tx.job_records().find(id).await?.ok_or(Error::NotFound)?;
                let cancelled = job.cancelled(now).ok_or(Error::JobEnded)?;
                if job.kind == NewJob::BURIAL {
                    return Err(Error::JobNotCancellable);
                }
                tx.job_records().save(&cancelled).await?;
                let burial = NewJob::burial(&self.env, ctx, &cancelled)
                    .map_err(|error| StoreError::Internal(error.to_string()))?;
                tx.jobs().enqueue(burial).await?;
                tx.events().append(events::job_cancelled(&self.env, ctx, &cancelled)).await?;
                Ok(cancelled)
            })
            .await
    }

    /// Wants the oldest dead letters after this one again, of this kind only when there is one.
    ///
    /// # Errors
    /// [`Error::Denied`] below admin, or the store's.
    pub async fn replay(
        &self,
        ctx: &CallContext,
        scope: &WorkspaceScope,
        kind: Option<&str>,
        after: Option<JobId>,
    ) -> Result<Replay> {
        scope.require(Area::Jobs.write().by(Role::Admin))?;
        let mut dead = self.jobs.dead_letters(scope, kind, after, Replay::AT_ONCE + 1).await?;
        let found = Replay::of(&mut dead);
        self.uow
            .run_once(scope, ctx, self.env.now(), async |tx| {
                let mut replay = found;
                for job in &dead {
                    replay.note(revive_dead(tx, &self.env, ctx, job.id).await?);
                }
                Ok(replay)
            })
            .await
    }
}

/// What became of a dead letter that was wanted again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Revival {
    /// It waits again.
    Revived,
    /// It stays, as a younger job does the same.
    Superseded,
    /// It was none any more.
    Gone,
}

pub(super) async fn revive_dead(
    tx: &mut dyn JobTx,
    env: &Environment,
    ctx: &CallContext,
    id: JobId,
) -> Result<Revival> {
    match tx.job_records().find(id).await? {
        Some(job) if job.state == JobState::Failed => match revive(tx, env, ctx, &job).await {
            Ok(_) => Ok(Revival::Revived),
            Err(Error::JobSuperseded) => Ok(Revival::Superseded),
            Err(error) => Err(error),
        },
        _ => Ok(Revival::Gone),
    }
}

async fn revive(tx: &mut dyn JobTx, env: &Environment, ctx: &CallContext, job: &Job) -> Result<Job> {
    let now = env.now();
    let last = tx.job_records().last_turn(job, now).await?;
    let retried = job.retried(now, last).ok_or(Error::JobNotRetriable)?;
    if tx.job_records().has_twin(&retried).await? {
        return Err(Error::JobSuperseded);
    }
    tx.job_records().save(&retried).await?;
    tx.events().append(events::job_retried(env, ctx, &retried)).await?;
    Ok(retried)
}
