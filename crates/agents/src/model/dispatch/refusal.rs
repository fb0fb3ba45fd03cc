use super::{FailureKind, ModelFailure, Spending};
use crate::error::code;
use kernel::{Code, Denied, Failure, FieldError, FieldErrors, PicoUsd, StoreError, Timestamp};
use serde_json::{Value, json};
use std::time::Duration;

/// Why a question has no answer. It is shared by all who asked the same at once, so it can be copied.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Refusal {
    /// The request is wrong, or asks for what there is not.
    #[error(transparent)]
    Invalid(#[from] FieldErrors),
    /// None of the providers that serve the model is configured.
    #[error("no provider is configured that serves `{0}`")]
    NotConfigured(String),
    /// What is spent and held leaves no room for it.
    #[error("the AI budget of the month leaves no room for this call")]
    BudgetExceeded(Budget),
    /// The provider will not answer this.
    #[error("the provider refuses to answer this")]
    Blocked,
    /// The provider takes the request for a wrong one.
    #[error("the provider does not take this request")]
    NotTaken,
    /// Every target failed, the last one so.
    #[error("no provider answered: {}", .0.kind.name())]
    Unanswered(Unanswered),
    /// The role is too low.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The store refused.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A budget that is used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// What the workspace may spend in a month.
    pub limit: PicoUsd,
    /// What is spent and held.
    pub spending: Spending,
    /// When it counts from nothing again.
    pub resets_at: Timestamp,
}

/// The last failure of many, or of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unanswered {
    /// Which.
    pub kind: FailureKind,
    /// When the provider says it makes sense again.
    pub retry_after: Option<Duration>,
}

impl Refusal {
    /// What a caller is told of the last failure. A provider's own money is no business of theirs.
    #[must_use]
    pub fn of(failure: &ModelFailure) -> Self {
        match failure.kind {
            FailureKind::Blocked => Self::Blocked,
            FailureKind::Invalid | FailureKind::UnsupportedParameter => Self::NotTaken,
            kind => Self::Unanswered(Unanswered { kind, retry_after: failure.retry_after }),
        }
    }
}

impl Failure for Refusal {
    fn code(&self) -> &'static Code {
        match self {
            Self::Invalid(_) => &kernel::code::INVALID,
            Self::NotConfigured(_) => &code::PROVIDER_NOT_CONFIGURED,
            Self::BudgetExceeded(_) => &code::BUDGET_EXCEEDED,
            Self::Blocked => &code::CONTENT_BLOCKED,
            Self::NotTaken => &code::REQUEST_NOT_TAKEN,
            Self::Unanswered(_) => &code::PROVIDER_UNAVAILABLE,
            Self::Denied(error) => error.code(),
            Self::Store(error) => error.code(),
        }
    }

    fn fields(&self) -> &[FieldError] {
        match self {
            Self::Invalid(errors) => errors.as_slice(),
            _ => &[],
        }
    }

    fn member(&self) -> Option<(&'static str, Value)> {
        let Self::BudgetExceeded(Budget { limit, spending, resets_at }) = self else { return None };
        let said = json!({
            "limit_usd": limit,
            "spent_usd": spending.spent,
            "reserved_usd": spending.reserved,
            "resets_at": resets_at,
        });
        Some(("budget", said))
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Unanswered(Unanswered { retry_after, .. }) => {
                Some(retry_after.unwrap_or(Duration::from_secs(2)))
            }
            // It takes an operator to configure one.
            Self::NotConfigured(_) => Some(Duration::from_secs(60)),
            Self::Store(error) => error.retry_after(),
            _ => None,
        }
    }
}
