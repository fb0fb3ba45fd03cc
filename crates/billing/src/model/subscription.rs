//! What a workspace has subscribed to.

use super::{Plan, PlanCode};
use crate::{Error, Result};
use kernel::{SubscriptionId, Timestamp, WorkspaceId};
use serde::{Deserialize, Serialize};

/// Where a subscription is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubscriptionStatus {
    /// Waits for its first payment.
    Incomplete,
    /// The first payment never came.
    IncompleteExpired,
    /// In use before the first payment.
    Trialing,
    /// In use and paid, or free.
    Active,
    /// In use, the renewal is owed.
    PastDue,
    /// Read-only: the renewal was not paid in time.
    Unpaid,
    /// In use until the period ends, then over.
    Canceling,
    /// Over.
    Canceled,
}

/// What happens to a subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubscriptionInput {
    /// A payment for it succeeded.
    Paid,
    /// The renewal failed, or the trial ended without a way to pay, or the mandate was paused or revoked.
    PaymentFailed,
    /// The first payment failed, its order expired, or 23 hours have passed.
    CheckoutLapsed,
    /// The owner cancels.
    Cancel,
    /// The owner takes the cancellation back.
    Undo,
    /// The paid period is over.
    PeriodEnded,
    /// Attempts to collect are used up, or the grace time is over.
    GraceOver,
    /// It stayed unpaid for too long.
    Close,
}

/// How a subscription begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// With the first payment.
    Paid,
    /// With a trial.
    Trial,
    /// On a plan that costs nothing.
    Free,
}

impl Start {
    /// How a subscription to this plan begins: a free plan has no trial.
    #[must_use]
    pub const fn of(plan: &Plan, trial: bool) -> Self {
        match (plan.is_free(), trial) {
            (true, _) => Self::Free,
            (false, true) => Self::Trial,
            (false, false) => Self::Paid,
        }
    }
}

impl SubscriptionStatus {
    /// Every state.
    pub const ALL: [Self; 8] = [
        Self::Incomplete,
        Self::IncompleteExpired,
        Self::Trialing,
        Self::Active,
        Self::PastDue,
        Self::Unpaid,
        Self::Canceling,
        Self::Canceled,
    ];

    /// The state in which a subscription begins.
    #[must_use]
    pub const fn initial(start: Start) -> Self {
        match start {
            Start::Paid => Self::Incomplete,
            Start::Trial => Self::Trialing,
            Start::Free => Self::Active,
        }
    }

    /// The stable name, as stored and on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Incomplete => "incomplete",
            Self::IncompleteExpired => "incomplete_expired",
            Self::Trialing => "trialing",
            Self::Active => "active",
            Self::PastDue => "past_due",
            Self::Unpaid => "unpaid",
            Self::Canceling => "canceling",
            Self::Canceled => "canceled",
        }
    }

    /// The state of a stored name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }

    /// Whether it stands in the way of another subscription of the same workspace.
    #[must_use]
    pub const fn is_live(self) -> bool {
        !matches!(self, Self::IncompleteExpired | Self::Canceled)
    }

    /// The next state, which may be the same when only the period moves on, or a late payment changes nothing.
    ///
    /// # Errors
    /// [`Error::SubscriptionState`] when the input has no business in this state.
    pub const fn transition(self, input: SubscriptionInput) -> Result<Self> {
        use SubscriptionInput as I;
        Ok(match (self, input) {
            (Self::IncompleteExpired | Self::Canceled, I::Paid) => self,
            (Self::Incomplete | Self::Trialing | Self::Active | Self::PastDue | Self::Unpaid, I::Paid)
            | (Self::Canceling, I::Undo) => Self::Active,
            (Self::Incomplete, I::CheckoutLapsed) => Self::IncompleteExpired,
            (Self::Trialing | Self::Active, I::PaymentFailed) => Self::PastDue,
            (Self::PastDue, I::GraceOver) => Self::Unpaid,
            (Self::Trialing | Self::Active | Self::PastDue, I::Cancel) => Self::Canceling,
            (Self::Incomplete | Self::Unpaid, I::Cancel)
            | (Self::Canceling, I::PeriodEnded)
            | (Self::Unpaid, I::Close) => Self::Canceled,
            (from, input) => return Err(Error::SubscriptionState { from, input }),
        })
    }

    /// Whether a payment that succeeds now is to be given back, since nothing is bought with it any more.
    #[must_use]
    pub const fn refunds_payment(self) -> bool {
        !self.is_live()
    }
}

/// A workspace's subscription to a plan; at most one live one per workspace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscription {
    /// Its id.
    pub id: SubscriptionId,
    /// Who subscribed.
    pub workspace_id: WorkspaceId,
    /// To what.
    pub plan_code: PlanCode,
    /// Where it is.
    pub status: SubscriptionStatus,
    /// When the paid period began; `None` before the first payment.
    pub period_start: Option<Timestamp>,
    /// When it ends; `None` before the first payment and on a free plan.
    pub period_end: Option<Timestamp>,
    /// 1 at first, one more with each save.
    pub version: i32,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last saved.
    pub updated_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;
    use SubscriptionInput as I;
    use SubscriptionStatus as S;

    #[test]
    fn every_pair_of_state_and_input_is_decided() {
        let allowed = [
            (S::Incomplete, I::Paid, S::Active),
            (S::Incomplete, I::CheckoutLapsed, S::IncompleteExpired),
            (S::Incomplete, I::Cancel, S::Canceled),
            (S::IncompleteExpired, I::Paid, S::IncompleteExpired),
            (S::Trialing, I::Paid, S::Active),
            (S::Trialing, I::PaymentFailed, S::PastDue),
            (S::Trialing, I::Cancel, S::Canceling),
            (S::Active, I::Paid, S::Active),
            (S::Active, I::PaymentFailed, S::PastDue),
            (S::Active, I::Cancel, S::Canceling),
            (S::PastDue, I::Paid, S::Active),
            (S::PastDue, I::GraceOver, S::Unpaid),
            (S::PastDue, I::Cancel, S::Canceling),
            (S::Unpaid, I::Paid, S::Active),
            (S::Unpaid, I::Close, S::Canceled),
            (S::Unpaid, I::Cancel, S::Canceled),
            (S::Canceling, I::PeriodEnded, S::Canceled),
            (S::Canceling, I::Undo, S::Active),
            (S::Canceled, I::Paid, S::Canceled),
        ];
        let inputs = [
            I::Paid,
            I::PaymentFailed,
            I::CheckoutLapsed,
            I::Cancel,
            I::Undo,
            I::PeriodEnded,
            I::GraceOver,
            I::Close,
        ];
        for from in S::ALL {
            for input in inputs {
                let row = allowed.iter().find(|(state, event, _)| (*state, *event) == (from, input));
                let refused = Error::SubscriptionState { from, input };
                assert_eq!(from.transition(input), row.map(|row| row.2).ok_or(refused), "{from:?} {input:?}");
            }
            assert_eq!(S::from_name(from.name()), Some(from));
        }
    }

    #[test]
    fn a_payment_is_given_back_exactly_where_it_buys_nothing() {
        for status in S::ALL {
            let unchanged_and_over = status.transition(I::Paid) == Ok(status) && !status.is_live();
            assert_eq!(status.refunds_payment(), unchanged_and_over, "{status:?}");
        }
    }

    #[test]
    fn a_subscription_begins_as_its_plan_and_trial_say() {
        assert_eq!(S::initial(Start::Paid), S::Incomplete);
        assert_eq!(S::initial(Start::Trial), S::Trialing);
        assert_eq!(S::initial(Start::Free), S::Active);
    }
}
