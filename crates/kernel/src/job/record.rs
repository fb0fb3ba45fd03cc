//! Jobs as they are wanted, kept and ended.

use super::{JobInput, JobState, Priority, next_turn};
use crate::{Actor, CallContext, CorrelationId, Environment, EventId, JobId, Timestamp, WorkspaceId};
use serde::{Deserialize, Serialize};
use std::time::Duration;

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
    /// How important it is.
    pub priority: Priority,
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
    /// The trace that the call was a part of.
    pub traceparent: Option<String>,
    /// When it was wanted.
    pub created_at: Timestamp,
}

impl NewJob {
    /// How often a job is tried unless it says otherwise: by the [`backoff`] for more than half an hour, so that an
    /// outage or a deployment passes meanwhile.
    pub const ATTEMPTS: i32 = 15;

    /// The kind of job that buries another; its payload is that job.
    pub const BURIAL: &str = "job.burial";

    /// Work to be done at once for the call `ctx`.
    pub fn new(env: &Environment, ctx: &CallContext, kind: &'static str, payload: serde_json::Value) -> Self {
        Self {
            id: env.id(),
            kind,
            payload,
            run_at: env.now(),
            priority: Priority::Normal,
            max_attempts: Self::ATTEMPTS,
            dedup_key: None,
            workspace_id: None,
            actor: ctx.actor,
            correlation_id: ctx.correlation_id.clone(),
            causation_id: ctx.causation_id,
            traceparent: ctx.traceparent.clone(),
            created_at: env.now(),
        }
    }

    /// Work for a tenant, enqueued by a unit that has none; a tenant's own unit says it by itself.
    #[must_use]
    pub const fn in_workspace(mut self, workspace: WorkspaceId) -> Self {
        self.workspace_id = Some(workspace);
        self
    }

    /// Work that ends what waits for a job that was called off, by [`JobHandler::buried`](super::JobHandler::buried).
    ///
    /// # Errors
    /// When the job can't be written down.
    pub fn burial(env: &Environment, ctx: &CallContext, job: &Job) -> Result<Self, serde_json::Error> {
        Ok(Self::new(env, ctx, Self::BURIAL, serde_json::to_value(job)?).with_priority(Priority::High))
    }

    /// The job as it is kept when its turn is this.
    #[must_use]
    pub fn queued(self, turn: Timestamp) -> Job {
        Job {
            id: self.id,
            kind: self.kind.to_owned(),
            payload: self.payload,
            state: JobState::Queued,
            run_at: self.run_at,
            priority: self.priority,
            turn,
            attempts: 0,
            max_attempts: self.max_attempts,
            lease_until: None,
            worker: None,
            dedup_key: self.dedup_key,
            workspace_id: self.workspace_id,
            actor: self.actor,
            correlation_id: self.correlation_id,
            causation_id: self.causation_id,
            traceparent: self.traceparent,
            last_error: None,
            created_at: self.created_at,
            finished_at: None,
        }
    }

    /// As important as this.
    #[must_use]
    pub const fn with_priority(mut self, priority: Priority) -> Self {
        self.priority = priority;
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
    /// How important it is.
    pub priority: Priority,
    /// Its place among those whose time has come: the lowest is next. See [`next_turn`](super::next_turn).
    pub turn: Timestamp,
    /// How often it was claimed; more often than it may be when the worker of the last attempt died or the job could not
    /// be buried, for whoever claims it then to bury it.
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
    /// The trace that the call was a part of; for its handler, the one that the attempt is.
    #[serde(default)]
    pub traceparent: Option<String>,
    /// What the last attempt said when it failed.
    pub last_error: Option<String>,
    /// When it was enqueued.
    pub created_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
}

impl Job {
    /// Whether it was claimed only to be buried, as that failed after its last attempt, or the lease of that ran out.
    #[must_use]
    pub const fn is_exhausted(&self) -> bool {
        self.attempts > self.max_attempts
    }

    /// Calls it off; `None` for one that has ended.
    #[must_use]
    pub fn cancelled(&self, now: Timestamp) -> Option<Self> {
        let state = self.state.transition(JobInput::Cancel)?;
        Some(Self { state, finished_at: Some(now), lease_until: None, worker: None, ..self.clone() })
    }

    /// Wants it after all, or at once: a dead letter and one that was called off begin anew behind `last`, the turn that
    /// [`last_turn`](super::JobRepository::last_turn) tells; one that waits need not wait longer. `None` for one that runs
    /// or has done its work.
    #[must_use]
    pub fn retried(&self, now: Timestamp, last: Option<Timestamp>) -> Option<Self> {
        let turn = next_turn(now, self.priority, last);
        match self.state.transition(JobInput::Revive) {
            Some(state) => {
                Some(Self { state, run_at: now, turn, attempts: 0, finished_at: None, ..self.clone() })
            }
            None if self.state == JobState::Queued => {
                Some(Self { run_at: now, turn: turn.min(self.turn), ..self.clone() })
            }
            None => None,
        }
    }

    /// The call that a handler makes on behalf of whoever wanted the job.
    #[must_use]
    pub fn context(&self) -> CallContext {
        CallContext {
            causation_id: self.causation_id,
            traceparent: self.traceparent.clone(),
            ..CallContext::new(self.actor, self.correlation_id.clone())
        }
    }

    /// What becomes of the job after an attempt that failed.
    #[must_use]
    pub fn after_failure(&self, failure: &JobFailure, now: Timestamp, jitter: u8) -> Settlement {
        Settlement::after_failure(failure, (self.attempts, self.max_attempts), now, jitter)
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
    /// Again at once, by another worker: this one ends. The attempt does not count.
    HandedBack,
    /// A dead letter.
    Failed {
        /// What went wrong.
        error: String,
    },
}

impl Settlement {
    /// The stable name, as it is counted by.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Retry { .. } => "retried",
            Self::HandedBack => "handed_back",
            Self::Failed { .. } => "failed",
        }
    }

    /// After a failure in attempt `attempts` of `max_attempts`: later with [`backoff`], or a dead letter.
    #[must_use]
    pub fn after_failure(
        failure: &JobFailure,
        (attempts, max_attempts): (i32, i32),
        now: Timestamp,
        jitter: u8,
    ) -> Self {
        let error = failure.to_string();
        match failure {
            JobFailure::Permanent(_) => Self::Failed { error },
            _ if attempts < max_attempts => Self::Retry { at: now.plus(backoff(attempts, jitter)), error },
            _ => Self::Failed { error },
        }
    }
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
    /// The attempt is held no longer, as the job was called off or another worker has it. Nothing becomes of it.
    #[error("the attempt is held no longer")]
    Lost,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{call_by, environment};

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

    #[test]
    fn what_has_ended_is_wanted_again_from_its_beginning_and_what_waits_at_once() {
        let (env, _) = environment();
        let wanted = NewJob::new(&env, &call_by(env.id()), "test.job", serde_json::json!({}));
        let (now, later) = (env.now(), env.now().plus(Duration::from_secs(60)));
        let waiting = Job { run_at: later, attempts: 3, ..wanted.queued(later) };
        let at_once = waiting.retried(now, None).unwrap();
        assert_eq!((at_once.run_at, at_once.attempts, at_once.state), (now, 3, JobState::Queued));
        assert_eq!(at_once.turn, next_turn(now, Priority::Normal, None));
        let last = Some(later.plus(Duration::from_secs(600)));
        assert_eq!(waiting.retried(now, last).unwrap().turn, later, "it has waited for its turn");
        let cancelled = waiting.cancelled(env.now()).unwrap();
        assert_eq!((cancelled.state, cancelled.finished_at), (JobState::Cancelled, Some(env.now())));
        assert_eq!(cancelled.cancelled(env.now()), None);
        let revived = cancelled.retried(now, last).unwrap();
        assert_eq!((revived.state, revived.attempts, revived.finished_at), (JobState::Queued, 0, None));
        assert_eq!(revived.turn, next_turn(now, Priority::Normal, last), "it begins anew");
        for state in [JobState::Running, JobState::Succeeded] {
            assert_eq!(Job { state, ..waiting.clone() }.retried(now, None), None);
        }
    }
}
