//! What can go wrong with the council and its runs.

use crate::tasks::strategy::StrategyError;
use kernel::{Code, Denied, Failure, FieldError, FieldErrors, ForeignFailure, StoreError};

/// The codes of this crate.
pub mod code {
    kernel::codes! {
        RUN_IN_PROGRESS = "run_in_progress", Conflict, "A run for this is queued, running or waiting already.";
        RUN_STATE = "run_state", Conflict, "The run's status does not allow this.";
        RUN_ABANDONED = "run_abandoned", Internal, "The run stopped without an end and was given up.";
        CONTEXT_MISSING = "context_missing", Conflict,
            "The workspace has no business context yet; finish onboarding first.";
        AGENT_DISABLED = "agent_disabled", Conflict, "The agent that does this is switched off.";
        PROVIDER_NOT_CONFIGURED = "provider_not_configured", Unavailable,
            "No provider of language models is configured that serves this model.";
        PROVIDER_UNAVAILABLE = "provider_unavailable", Unavailable,
            "No provider of language models answered; try again.";
        BUDGET_EXCEEDED = "budget_exceeded", BudgetExceeded,
            "The AI budget of the month leaves no room for this; `budget` says how much there is.";
        CONTENT_BLOCKED = "content_blocked", Invalid, "The provider's safety rules refuse an answer to this.";
        REQUEST_NOT_TAKEN = "request_not_taken", Invalid, "The provider of the model does not take this request.";
    }
}
pub use code::CODES;

/// An error of this crate.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No such agent, run or campaign in this workspace.
    #[error("not found")]
    NotFound,
    /// A live run has the same subject.
    #[error("a run for this is queued, running or waiting already")]
    RunInProgress,
    /// The run's state machine refuses.
    #[error("a run that is {0} does not allow this")]
    RunState(&'static str),
    /// The run stopped without an end.
    #[error("the run stopped without an end and was given up")]
    RunAbandoned,
    /// There is nothing to plan from.
    #[error("the workspace has no business context yet; finish onboarding first")]
    ContextMissing,
    /// The agent is switched off.
    #[error("the agent that does this is switched off")]
    AgentDisabled,
    /// The fields break rules.
    #[error(transparent)]
    Invalid(#[from] FieldErrors),
    /// The campaign can't be planned.
    #[error(transparent)]
    Strategy(#[from] StrategyError),
    /// The role is too low.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The store refused.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Another domain, asked through a port, refused.
    #[error(transparent)]
    Elsewhere(#[from] ForeignFailure),
}

/// What the use cases of this crate answer.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// Whether another attempt would end alike: a rule has decided, not a race or a dependency that was away.
    #[must_use]
    pub fn is_final(&self) -> bool {
        use kernel::ErrorKind as K;
        let code = self.code();
        match code.kind {
            K::Unavailable | K::Internal | K::Stale | K::RateLimited => false,
            K::Conflict => *code != kernel::code::CONFLICT && *code != kernel::code::IDEMPOTENCY_IN_FLIGHT,
            _ => true,
        }
    }
}

impl Failure for Error {
    fn code(&self) -> &'static Code {
        match self {
            Self::NotFound => &kernel::code::NOT_FOUND,
            Self::RunInProgress => &code::RUN_IN_PROGRESS,
            Self::RunState(_) => &code::RUN_STATE,
            Self::RunAbandoned => &code::RUN_ABANDONED,
            Self::ContextMissing => &code::CONTEXT_MISSING,
            Self::AgentDisabled => &code::AGENT_DISABLED,
            Self::Invalid(_) => &kernel::code::INVALID,
            Self::Strategy(error) => error.code(),
            Self::Denied(error) => error.code(),
            Self::Store(error) => error.code(),
            Self::Elsewhere(error) => error.code(),
        }
    }

    fn fields(&self) -> &[FieldError] {
        match self {
            Self::Invalid(errors) => errors.as_slice(),
            Self::Elsewhere(error) => error.fields(),
            _ => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_final_and_a_race_or_an_outage_is_not() {
        for (error, is_final) in [
            (Error::ContextMissing, true),
            (Error::NotFound, true),
            (Error::Elsewhere(ForeignFailure::new(Error::RunState("cancelled"))), true),
            (Error::Store(StoreError::Conflict("agent_steps".to_owned())), false),
            (Error::Store(StoreError::Stale), false),
            (Error::Elsewhere(ForeignFailure::new(StoreError::Unavailable("away".to_owned()))), false),
        ] {
            assert_eq!(error.is_final(), is_final, "{error}");
        }
    }
}
