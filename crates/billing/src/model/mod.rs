//! Plans, subscriptions, payments.

mod payment;
mod plan;
mod subscription;

pub use payment::{OrderId, Payment, PaymentInput, PaymentStatus};
pub use plan::{Period, Plan, PlanCode, PlanLimits};
pub use subscription::{Start, Subscription, SubscriptionInput, SubscriptionStatus};
