//! The facts that billing tells.

use crate::model::{Payment, PaymentStatus, Subscription, SubscriptionStatus};
use kernel::{CallContext, Environment, NewEvent};
use serde_json::json;

/// A payment has another state. Payload: `order_id`, `from` (null when new), `to`, `amount`.
pub const PAYMENT_CHANGED: &str = "payment.changed";
/// A subscription has another state. Payload: `plan_code`, `from` (null when new), `to`.
pub const SUBSCRIPTION_CHANGED: &str = "subscription.changed";

/// Every event type of this crate.
pub const TYPES: [&str; 2] = [PAYMENT_CHANGED, SUBSCRIPTION_CHANGED];

/// Tells of the state that a payment has now.
#[must_use]
pub fn payment_changed(
    env: &Environment,
    ctx: &CallContext,
    payment: &Payment,
    from: Option<PaymentStatus>,
) -> NewEvent {
    let payload = json!({
        "order_id": payment.order_id,
        "from": from,
        "to": payment.status,
        "amount": payment.amount,
    });
    NewEvent::new(env, ctx, PAYMENT_CHANGED, ("payment", payment.order_id.uuid()), payload)
}

/// Tells of the state that a subscription has now.
#[must_use]
pub fn subscription_changed(
    env: &Environment,
    ctx: &CallContext,
    subscription: &Subscription,
    from: Option<SubscriptionStatus>,
) -> NewEvent {
    let payload = json!({ "plan_code": subscription.plan_code, "from": from, "to": subscription.status });
    NewEvent::new(env, ctx, SUBSCRIPTION_CHANGED, ("subscription", subscription.id.uuid()), payload)
}
