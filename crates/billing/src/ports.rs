//! What billing needs of a price list and of a store.

use crate::model::{OrderId, Payment, PaymentStatus, Plan, PlanCode, Subscription};
use async_trait::async_trait;
use kernel::{Date, StoreResult, SubscriptionId, Tx, UnitOfWork, WorkspaceScope};

/// The price list.
#[async_trait]
pub trait PlanCatalogue: Send + Sync {
    /// Plans on sale that day, in the order in which they are shown. MUST have at most one plan of a code.
    async fn on_sale(&self, day: Date) -> StoreResult<Vec<Plan>>;
    /// The plan of this code that is on sale that day.
    async fn find(&self, code: &PlanCode, day: Date) -> StoreResult<Option<Plan>>;
}

/// Subscriptions of the unit's workspace, inside a unit of work.
#[async_trait]
pub trait SubscriptionRepository: Send {
    /// Stores a new subscription. MUST answer `Conflict` when the workspace has a live one.
    async fn insert(&mut self, subscription: &Subscription) -> StoreResult<()>;
    /// The subscription of this id.
    async fn find(&mut self, id: SubscriptionId) -> StoreResult<Option<Subscription>>;
    /// The live subscription of the workspace.
    async fn find_live(&mut self) -> StoreResult<Option<Subscription>>;
    /// Stores the subscription when its row has version `expected`. MUST answer `Stale` when it has another one.
    async fn save(&mut self, subscription: &Subscription, expected: i32) -> StoreResult<()>;
}

/// Payments of the unit's workspace, inside a unit of work.
#[async_trait]
pub trait PaymentRepository: Send {
    /// Stores a new payment. MUST answer `Conflict` when the order id is there, or another payment of the same
    /// subscription is open.
    async fn insert(&mut self, payment: &Payment) -> StoreResult<()>;
    /// The payment of this order.
    async fn find(&mut self, order: OrderId) -> StoreResult<Option<Payment>>;
    /// Stores the payment when its row is still in state `from`, in one conditional statement. MUST answer `false`
    /// and change nothing when it is not: then the caller does nothing else either.
    async fn change(&mut self, payment: &Payment, from: PaymentStatus) -> StoreResult<bool>;
}

/// What a unit of work over billing offers.
pub trait BillingTx: Tx {
    /// Subscriptions.
    fn subscriptions(&mut self) -> &mut dyn SubscriptionRepository;
    /// Payments.
    fn payments(&mut self) -> &mut dyn PaymentRepository;
}

/// The store of subscriptions and payments.
pub type BillingUow = dyn UnitOfWork<dyn BillingTx, WorkspaceScope>;
