//! What can go wrong here, and the codes of it.

use crate::StepKey;
use kernel::{Code, Denied, Failure, FieldError, FieldErrors, StoreError};

/// The codes of this crate.
pub mod code {
    kernel::codes! {
        ONBOARDING_FINALISED = "onboarding_finalised", Conflict,
            "The onboarding session is finalised; its answers can't be changed any more.";
        ONBOARDING_INCOMPLETE = "onboarding_incomplete", Conflict,
            "Steps that the foundation needs are not completed; the detail names them.";
    }
}
pub use code::CODES;

/// An error of this crate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// No such session, foundation, profile or version in this workspace.
    #[error("not found")]
    NotFound,
    /// The session takes no more answers.
    #[error("the onboarding session is finalised")]
    Finalised,
    /// Steps without which there is no foundation.
    #[error("complete these steps first: {}", names(.0))]
    Incomplete(Vec<StepKey>),
    /// The answers break rules; every one is listed.
    #[error(transparent)]
    Invalid(#[from] FieldErrors),
    /// The role is too low.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The store refused.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What the use cases of this crate answer.
pub type Result<T, E = Error> = std::result::Result<T, E>;

fn names(steps: &[StepKey]) -> String {
    steps.iter().map(|step| step.name()).collect::<Vec<_>>().join(", ")
}

impl Failure for Error {
    fn code(&self) -> &'static Code {
        match self {
            Self::NotFound => &kernel::code::NOT_FOUND,
            Self::Finalised => &code::ONBOARDING_FINALISED,
            Self::Incomplete(_) => &code::ONBOARDING_INCOMPLETE,
            Self::Invalid(_) => &kernel::code::INVALID,
            Self::Denied(denied) => denied.code(),
            Self::Store(error) => error.code(),
        }
    }

    fn fields(&self) -> &[FieldError] {
        match self {
            Self::Invalid(errors) => errors.as_slice(),
            _ => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_incomplete_onboarding_names_the_missing_steps() {
        let error = Error::Incomplete(vec![StepKey::Offer, StepKey::Audience]);
        assert_eq!(error.to_string(), "complete these steps first: offer, audience");
        assert_eq!(error.code().name, "onboarding_incomplete");
    }
}
