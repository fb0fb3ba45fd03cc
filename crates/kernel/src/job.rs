//! Durable units of background work.
//!
//! ```text
//! queued ──claim──▶ running ──succeed──▶ succeeded
//!   ▲                 │ ├──────fail────▶ queued (attempts left: later, with backoff)
//!   │                 │ └──────fail────▶ failed (no attempts left: a dead letter)
//!   └─lease expired───┘
//! queued, running ──cancel──▶ cancelled
//! ```
//!
//! A job is enqueued in the unit of work of the change that wants it. A worker claims it under a lease and renews
//! the lease while it works; when the worker dies the lease runs out and another one takes the job over. So a
//! handler may run twice for one job, and must be idempotent.

use crate::{
    Actor, CallContext, CorrelationId, Environment, EventId, JobId, StoreResult, SystemScope, Timestamp,
    WorkspaceId,
};
use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Where a job is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    /// Waits for its time and a worker.
    Queued,
    /// A worker holds its lease.
    Running,
    /// Done.
    Succeeded,
    /// Given up: a dead letter.
    Failed,
    /// Called off.
    Cancelled,
}

/// What happens to a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobInput {
    /// A worker takes it, fresh or from a worker whose lease ran out.
    Claim,
    /// The handler ended well.
    Succeed,
    /// The handler failed and may be tried again.
    Retry,
    /// The handler failed for good, or no attempts are left.
    GiveUp,
    /// Somebody called it off.
    Cancel,
}

impl JobState {
    /// Every state.
    pub const ALL: [Self; 5] = [Self::Queued, Self::Running, Self::Succeeded, Self::Failed, Self::Cancelled];

    /// The stable name, as stored and on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// The state of a stored name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }

    /// The next state; `None` when the input has no business in this state.
    #[must_use]
    pub const fn transition(self, input: JobInput) -> Option<Self> {
        use JobInput as I;
        match (self, input) {
            (Self::Queued | Self::Running, I::Claim) => Some(Self::Running),
            (Self::Running, I::Succeed) => Some(Self::Succeeded),
            (Self::Running, I::Retry) => Some(Self::Queued),
            (Self::Running, I::GiveUp) => Some(Self::Failed),
            (Self::Queued | Self::Running, I::Cancel) => Some(Self::Cancelled),
            _ => None,
        }
    }
}

/// Work that is about to be enqueued.
#[derive(Debug, Clone, PartialEq)]
pub struct NewJob {
    /// Its id.
    pub id: JobId,
    /// Names the handler.
    pub kind: &'static str,
    /// The handler's input; never a secret.
    pub payload: serde_json::Value,
    /// Not before.
    pub run_at: Timestamp,
    /// Attempts before it becomes a dead letter, at least 1.
    pub max_attempts: i32,
    /// While a queued or running job of this kind and workspace has the same key, no second one is made.
    pub dedup_key: Option<String>,
    /// The tenant it works for.
    pub workspace_id: Option<WorkspaceId>,
    /// Who wanted it.
    pub actor: Actor,
    /// The call that wanted it.
    pub correlation_id: CorrelationId,
    /// The event that it answers.
    pub causation_id: Option<EventId>,
    /// When it was wanted.
    pub created_at: Timestamp,
}

impl NewJob {
    /// How often a job is tried unless it says otherwise: by the [`backoff`] for more than half an hour, so that an
    /// outage or a deployment passes meanwhile.
    pub const ATTEMPTS: i32 = 15;

    /// Work to be done at once for the call `ctx`.
    pub fn new(env: &Environment, ctx: &CallContext, kind: &'static str, payload: serde_json::Value) -> Self {
        Self {
            id: env.id(),
            kind,
            payload,
            run_at: env.now(),
            max_attempts: Self::ATTEMPTS,
            dedup_key: None,
            workspace_id: None,
            actor: ctx.actor,
            correlation_id: ctx.correlation_id.clone(),
            causation_id: ctx.causation_id,
            created_at: env.now(),
        }
    }

    /// Work for a tenant, enqueued by a unit that has none; a tenant's own unit says it by itself.
    #[must_use]
    pub const fn in_workspace(mut self, workspace: WorkspaceId) -> Self {
        self.workspace_id = Some(workspace);
        self
    }

    /// At most one such job alive.
    #[must_use]
    pub fn deduplicated(mut self, key: String) -> Self {
        self.dedup_key = Some(key);
        self
    }
}

/// A job as a worker or an operator sees it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// Names the handler.
    pub kind: String,
    /// The handler's input.
    pub payload: serde_json::Value,
    /// Where it is in its life.
    pub state: JobState,
    /// Not before.
    pub run_at: Timestamp,
    /// How often it was claimed.
    pub attempts: i32,
    /// How often it may be.
    pub max_attempts: i32,
    /// When the worker's claim runs out.
    pub lease_until: Option<Timestamp>,
    /// Who holds the lease.
    pub worker: Option<String>,
    /// See [`NewJob::dedup_key`].
    pub dedup_key: Option<String>,
    /// The tenant.
    pub workspace_id: Option<WorkspaceId>,
    /// Who wanted it.
    pub actor: Actor,
    /// The call that wanted it.
    pub correlation_id: CorrelationId,
    /// The event that it answers.
    pub causation_id: Option<EventId>,
    /// What the last attempt said when it failed.
    pub last_error: Option<String>,
    /// When it was enqueued.
    pub created_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
}

impl Job {
    /// The call that a handler makes on behalf of whoever wanted the job.
    #[must_use]
    pub fn context(&self) -> CallContext {
        CallContext {
            causation_id: self.causation_id,
            ..CallContext::new(self.actor, self.correlation_id.clone())
        }
    }

    /// What becomes of the job after an attempt that failed: later with backoff, or a dead letter.
    #[must_use]
    pub fn after_failure(&self, failure: &JobFailure, now: Timestamp, jitter: u8) -> Settlement {
        match failure {
            JobFailure::Transient(error) if self.attempts < self.max_attempts => {
                Settlement::Retry { at: now.plus(backoff(self.attempts, jitter)), error: error.clone() }
            }
            JobFailure::Transient(error) | JobFailure::Permanent(error) => {
                Settlement::Failed { error: error.clone() }
            }
        }
    }
}

/// The wait before attempt `attempts + 1`: 1 s, 2 s, 4 s … up to 5 min, plus up to a quarter of it by `jitter`.
#[must_use]
pub fn backoff(attempts: i32, jitter: u8) -> Duration {
    const CAP: u64 = 300_000;
    let exponent = u32::try_from(attempts.saturating_sub(1)).unwrap_or(0).min(20);
    let millis = 1_000_u64.saturating_mul(1 << exponent).min(CAP);
    Duration::from_millis(millis + millis / 4 * u64::from(jitter) / 255)
}

/// How a job ended, or goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settlement {
    /// Done.
    Succeeded,
    /// Again, not before `at`.
    Retry {
        /// Not before.
        at: Timestamp,
        /// What went wrong.
        error: String,
    },
    /// A dead letter.
    Failed {
        /// What went wrong.
        error: String,
    },
}

/// Why a handler did not do its job.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JobFailure {
    /// May go well later: a dependency was away.
    #[error("{0}")]
    Transient(String),
    /// Can never go well: the payload is unreadable, the subject is gone.
    #[error("{0}")]
    Permanent(String),
}

impl JobFailure {
    /// Judges a use case's error: a dependency that is away or a race may go better next time, a rule will not.
    pub fn of(error: &dyn crate::Failure) -> Self {
        use crate::ErrorKind as K;
        let text = error.to_string();
        match error.code().kind {
            K::Unavailable | K::Internal | K::Stale | K::Conflict | K::RateLimited => Self::Transient(text),
            _ => Self::Permanent(text),
        }
    }
}

/// Does the work of one kind of job.
#[async_trait]
pub trait JobHandler: Send + Sync {
    /// The kind of job it handles.
    fn kind(&self) -> &'static str;
    /// Does the work. MUST be idempotent: the same job may come twice, also while the first run is still going on.
    async fn handle(&self, job: &Job) -> Result<(), JobFailure>;
    /// Ends what waits for the job, which has just become a dead letter with `error`: also after a panic or a time
    /// limit, of which [`handle`](Self::handle) could tell nobody. MUST be idempotent. Not called when the worker of
    /// the last attempt dies.
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
    /// Takes the job that has waited longest of those whose time has come or whose lease ran out before `now`, one
    /// attempt more on its count. MUST give one job to one worker only. A job that is out of attempts when its lease
    /// runs out becomes a dead letter instead.
    async fn claim(
        &self,
        scope: &SystemScope,
        worker: &str,
        now: Timestamp,
        lease: Duration,
    ) -> StoreResult<Option<Job>>;
    /// Moves the end of the lease. MUST answer `false` when the worker holds it no longer.
    async fn renew(&self, scope: &SystemScope, job: &Job, until: Timestamp) -> StoreResult<bool>;
    /// Ends an attempt. MUST answer `false` and change nothing when `job.worker` no longer holds attempt
    /// `job.attempts`.
    async fn settle(
        &self,
        scope: &SystemScope,
        job: &Job,
        settlement: &Settlement,
        now: Timestamp,
    ) -> StoreResult<bool>;
    /// How many jobs are in each state: for health and for tests that wait for the queue to be empty.
    async fn count(&self, scope: &SystemScope, state: JobState) -> StoreResult<i64>;
}

/// Told after a commit that enqueued jobs or told facts, so that a worker in this process need not wait for its next poll.
pub trait Wake: Send + Sync {
    /// There is work.
    fn wake(&self);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_of_state_and_input_is_decided() {
        use JobInput as I;
        use JobState as S;
        let allowed = [
            (S::Queued, I::Claim, S::Running),
            (S::Running, I::Claim, S::Running),
            (S::Running, I::Succeed, S::Succeeded),
            (S::Running, I::Retry, S::Queued),
            (S::Running, I::GiveUp, S::Failed),
            (S::Queued, I::Cancel, S::Cancelled),
            (S::Running, I::Cancel, S::Cancelled),
        ];
        for state in S::ALL {
            for input in [I::Claim, I::Succeed, I::Retry, I::GiveUp, I::Cancel] {
                let expected = allowed.iter().find(|(s, i, _)| (*s, *i) == (state, input)).map(|row| row.2);
                assert_eq!(state.transition(input), expected, "{state:?} {input:?}");
            }
            assert_eq!(S::from_name(state.name()), Some(state));
        }
    }

    #[test]
    fn backoff_doubles_up_to_a_cap_and_jitter_adds_at_most_a_quarter() {
        let seconds = |attempts| backoff(attempts, 0).as_secs();
        assert_eq!([1, 2, 3, 4].map(seconds), [1, 2, 4, 8]);
        assert_eq!(seconds(i32::MAX), 300);
        assert_eq!(backoff(1, 255), Duration::from_millis(1_250));
    }

    #[test]
    fn the_attempts_outlast_an_outage_of_half_an_hour() {
        let waits: Duration = (1..NewJob::ATTEMPTS).map(|attempts| backoff(attempts, 0)).sum();
        assert!(waits > Duration::from_secs(30 * 60), "{waits:?}");
    }
}
