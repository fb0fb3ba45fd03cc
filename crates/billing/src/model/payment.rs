//! One order at the gateway.

use crate::{Error, Result};
use kernel::{Money, SubscriptionId, Timestamp, UserId, Violation, WorkspaceId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Our id of an order, minted before the gateway hears of it and the same on every retry.
///
/// On the wire it is 32 hexadecimal digits: the gateway takes letters and digits, and its older interface fewer than
/// 35 of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct OrderId(Uuid);

impl OrderId {
    /// The bare id, for adapters.
    #[must_use]
    pub const fn uuid(self) -> Uuid {
        self.0
    }
}

impl From<Uuid> for OrderId {
    fn from(id: Uuid) -> Self {
        Self(id)
    }
}

impl std::fmt::Display for OrderId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.simple().fmt(f)
    }
}

impl TryFrom<String> for OrderId {
    type Error = Violation;

    fn try_from(text: String) -> Result<Self, Violation> {
        let malformed = || Violation::new("malformed", "must be 32 hexadecimal digits");
        if text.len() != 32 {
            return Err(malformed());
        }
        text.parse().map(Self).map_err(|_| malformed())
    }
}

impl From<OrderId> for String {
    fn from(id: OrderId) -> Self {
        id.to_string()
    }
}

/// Where a payment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentStatus {
    /// Recorded; the gateway has not answered yet.
    Created,
    /// The gateway waits for the payer.
    Pending,
    /// Nobody knows whether the gateway has it; a status read decides. Never shown as failed.
    Unknown,
    /// Paid: proved by the gateway.
    Succeeded,
    /// Not paid: proved by the gateway.
    Failed,
    /// Our own timer gave up; the gateway may still prove otherwise.
    Expired,
    /// Paid, but not what was ordered, or after a proved failure; an operator decides.
    Review,
}

/// What happens to a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaymentInput {
    /// The gateway took the order.
    Accepted,
    /// The call timed out, broke off or ended in a server error, and no retry is left.
    CallAmbiguous,
    /// The process that made the call died: the row is older than the longest call.
    LeftBehind,
    /// The gateway refused the order, and not as a duplicate.
    Refused,
    /// The gateway has the order already, and it is ours.
    DuplicateOrder,
    /// A status read finds the order open.
    FoundOpen,
    /// One attempt to pay failed; the order is still open.
    AttemptFailed,
    /// Paid in full, amount and currency as ordered.
    SuccessProved,
    /// Paid, with another amount or currency.
    MismatchProved,
    /// The order itself failed.
    FailureProved,
    /// Expiry and grace have passed and a status read is still not final.
    ExpiryPassed,
    /// Two status reads agree that the gateway does not know the order, long enough after the call.
    NotAtGateway,
    /// An operator takes a payment under review as paid.
    OperatorAccepts,
}

impl PaymentStatus {
    /// Every state.
    pub const ALL: [Self; 7] = [
        Self::Created,
        Self::Pending,
        Self::Unknown,
        Self::Succeeded,
        Self::Failed,
        Self::Expired,
        Self::Review,
    ];

    /// The stable name, as stored and on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Pending => "pending",
            Self::Unknown => "unknown",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Expired => "expired",
            Self::Review => "review",
        }
    }

    /// The state of a stored name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }

    /// Whether the gateway may still say something that counts.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Created | Self::Pending | Self::Unknown | Self::Expired)
    }

    /// The next state, which may be the same when the input is recorded and changes nothing.
    ///
    /// # Errors
    /// [`Error::PaymentState`] when the input has no business in this state.
    pub const fn transition(self, input: PaymentInput) -> Result<Self> {
        use PaymentInput as I;
        Ok(match (self, input) {
            (Self::Created, I::Accepted | I::DuplicateOrder)
            | (Self::Unknown, I::DuplicateOrder | I::FoundOpen)
            | (Self::Pending, I::FoundOpen | I::AttemptFailed) => Self::Pending,
            (Self::Created, I::CallAmbiguous | I::LeftBehind) => Self::Unknown,
            (Self::Created, I::Refused) | (Self::Unknown, I::NotAtGateway) => Self::Failed,
            (Self::Pending | Self::Unknown, I::ExpiryPassed) => Self::Expired,
            // A callback may come before the answer to our own call, so proof counts from `created` too.
            (open, I::SuccessProved) if open.is_open() => Self::Succeeded,
            (open, I::MismatchProved) if open.is_open() => Self::Review,
            (open, I::FailureProved) if open.is_open() => Self::Failed,
            (Self::Failed, I::SuccessProved | I::MismatchProved) => Self::Review,
            // What was proved paid stays paid, whatever comes late; proof that comes twice is no news.
            (Self::Succeeded, I::FailureProved | I::FoundOpen | I::AttemptFailed | I::SuccessProved) => self,
            (Self::Failed, I::FailureProved) => self,
            (Self::Review, I::OperatorAccepts) => Self::Succeeded,
            (from, input) => return Err(Error::PaymentState { from, input }),
        })
    }
}

/// An order and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    /// Names it here and at the gateway.
    pub order_id: OrderId,
    /// Who pays.
    pub workspace_id: WorkspaceId,
    /// What it pays for; `None` for a payment by amount.
    pub subscription_id: Option<SubscriptionId>,
    /// What is to be paid; more than zero.
    pub amount: Money,
    /// Where it is.
    pub status: PaymentStatus,
    /// The gateway's own name of the order, once it has one.
    pub provider_ref: Option<String>,
    /// The gateway's state, word for word.
    pub provider_state: Option<String>,
    /// The person who started it.
    pub created_by: UserId,
    /// When the gateway lets the order expire.
    pub expires_at: Option<Timestamp>,
    /// When it was recorded: before the gateway was called.
    pub created_at: Timestamp,
    /// When its state last changed.
    pub updated_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;
    use PaymentInput as I;
    use PaymentStatus as S;

    const INPUTS: [I; 13] = [
        I::Accepted,
        I::CallAmbiguous,
        I::LeftBehind,
        I::Refused,
        I::DuplicateOrder,
        I::FoundOpen,
        I::AttemptFailed,
        I::SuccessProved,
        I::MismatchProved,
        I::FailureProved,
        I::ExpiryPassed,
        I::NotAtGateway,
        I::OperatorAccepts,
    ];

    /// One row per state, one column per input of [`INPUTS`]; `None` is a refusal.
    const TABLE: [(S, [Option<S>; 13]); 7] = {
        const PE: Option<S> = Some(S::Pending);
        const UN: Option<S> = Some(S::Unknown);
        const OK: Option<S> = Some(S::Succeeded);
        const FA: Option<S> = Some(S::Failed);
        const EX: Option<S> = Some(S::Expired);
        const RE: Option<S> = Some(S::Review);
        const NO: Option<S> = None;
        [
            //              acc amb lef ref dup fnd att suc mis fai exp not ope
            (S::Created, [PE, UN, UN, FA, PE, NO, NO, OK, RE, FA, NO, NO, NO]),
            (S::Pending, [NO, NO, NO, NO, NO, PE, PE, OK, RE, FA, EX, NO, NO]),
            (S::Unknown, [NO, NO, NO, NO, PE, PE, NO, OK, RE, FA, EX, FA, NO]),
            (S::Succeeded, [NO, NO, NO, NO, NO, OK, OK, OK, NO, OK, NO, NO, NO]),
            (S::Failed, [NO, NO, NO, NO, NO, NO, NO, RE, RE, FA, NO, NO, NO]),
            (S::Expired, [NO, NO, NO, NO, NO, NO, NO, OK, RE, FA, NO, NO, NO]),
            (S::Review, [NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, OK]),
        ]
    };

    #[test]
    fn every_pair_of_state_and_input_is_decided() {
        assert_eq!(TABLE.map(|row| row.0), S::ALL);
        for (from, row) in TABLE {
            for (input, to) in INPUTS.into_iter().zip(row) {
                let refused = Error::PaymentState { from, input };
                assert_eq!(from.transition(input), to.ok_or(refused), "{from:?} {input:?}");
            }
            assert_eq!(S::from_name(from.name()), Some(from));
        }
    }

    #[test]
    fn nothing_but_an_operator_leaves_what_the_gateway_proved_paid_or_sent_to_review() {
        for input in INPUTS {
            assert!(matches!(S::Succeeded.transition(input), Ok(S::Succeeded) | Err(_)));
            assert!(S::Review.transition(input).is_err() || input == I::OperatorAccepts);
        }
    }

    #[test]
    fn an_order_id_travels_as_digits_that_the_gateway_takes() {
        let id = OrderId::from(Uuid::from_u128(0x0197_6f6e_1111_7abc_8def_0000_0000_0007));
        let text = serde_json::to_value(id).unwrap();
        assert_eq!(text, "01976f6e11117abc8def000000000007");
        assert_eq!(serde_json::from_value::<OrderId>(text).unwrap(), id);
        assert!(OrderId::try_from("01976f6e-1111-7abc-8def-000000000007".to_owned()).is_err());
        assert!(OrderId::try_from("z".repeat(32)).is_err());
    }
}
