//! What can go wrong with billing.

use crate::model::{PaymentInput, PaymentStatus, SubscriptionInput, SubscriptionStatus};
use kernel::{Code, Denied, Failure, StoreError};

/// The codes of this crate.
pub mod code {
    kernel::codes! {
        PLAN_UNKNOWN = "plan_unknown", NotFound, "No plan of this code is on sale.";
        PAYMENT_STATE = "payment_state", Conflict, "The payment's state does not allow this.";
        SUBSCRIPTION_STATE = "subscription_state", Conflict, "The subscription's state does not allow this.";
    }
}
pub use code::CODES;

/// An error of this crate.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// No plan of this code is on sale.
    #[error("no plan of this code is on sale")]
    PlanUnknown,
    /// The payment is not in a state for this.
    #[error("a payment that is {from:?} does not take {input:?}")]
    PaymentState {
        /// Where it is.
        from: PaymentStatus,
        /// What was tried.
        input: PaymentInput,
    },
    /// The subscription is not in a state for this.
    #[error("a subscription that is {from:?} does not take {input:?}")]
    SubscriptionState {
        /// Where it is.
        from: SubscriptionStatus,
        /// What was tried.
        input: SubscriptionInput,
    },
    /// The role is too low.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The store could not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What the use cases of this crate answer.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Failure for Error {
    fn code(&self) -> &'static Code {
        match self {
            Self::PlanUnknown => &code::PLAN_UNKNOWN,
            Self::PaymentState { .. } => &code::PAYMENT_STATE,
            Self::SubscriptionState { .. } => &code::SUBSCRIPTION_STATE,
            Self::Denied(_) => &kernel::code::FORBIDDEN,
            Self::Store(error) => error.code(),
        }
    }
}
