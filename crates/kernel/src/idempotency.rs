//! One effect for a request that comes twice.
//!
//! The record, the effect and the answer are one transaction: a crash leaves all of them or none.

use crate::{IdempotencyKey, StoreResult, Timestamp};
use async_trait::async_trait;
use std::time::Duration;

/// How long an answer is kept for its repetition.
pub const KEPT_FOR: Duration = Duration::from_secs(24 * 60 * 60);

/// The answers of earlier requests, inside a unit of work.
#[async_trait]
pub trait IdempotencyRecords: Send {
    /// Claims the key for this unit and answers what is stored under it, if anything that has not expired at `now`.
    ///
    /// MUST answer [`StoreError::InFlight`](crate::StoreError::InFlight) at once, without waiting, when another open
    /// unit holds the key (a store with a single writer may answer the stored result instead, as there is no second
    /// open unit), and [`StoreError::KeyReused`](crate::StoreError::KeyReused) when the stored request hash differs.
    async fn claim(&mut self, key: &IdempotencyKey, now: Timestamp)
    -> StoreResult<Option<serde_json::Value>>;
    /// Stores the answer under a key that this unit has claimed.
    async fn store(
        &mut self,
        key: &IdempotencyKey,
        answer: &serde_json::Value,
        expires_at: Timestamp,
    ) -> StoreResult<()>;
}
