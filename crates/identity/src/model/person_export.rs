//! What a person takes away of themselves.

use kernel::{Timestamp, UserId};
use serde_json::Value;
use std::time::Duration;

/// A finished export that waits to be fetched.
#[derive(Debug, Clone, PartialEq)]
pub struct PersonExport {
    /// Whose.
    pub user_id: UserId,
    /// All that is held of them.
    pub document: Value,
    /// When it was put together.
    pub created_at: Timestamp,
    /// When it is taken away again.
    pub expires_at: Timestamp,
}

impl PersonExport {
    /// How long an export waits.
    pub const KEPT_FOR: Duration = Duration::from_secs(24 * 60 * 60);

    /// An export that was put together just now.
    #[must_use]
    pub fn new(user_id: UserId, document: Value, now: Timestamp) -> Self {
        Self { user_id, document, created_at: now, expires_at: now.plus(Self::KEPT_FOR) }
    }
}
