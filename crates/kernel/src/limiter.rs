//! Rate limits: how often somebody may do something.

use async_trait::async_trait;
use std::{num::NonZeroU32, time::Duration};

/// A bucket of tokens: full at first, refilled evenly, emptied by one per call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// How many calls fit in a window; also how many may come at once.
    pub limit: NonZeroU32,
    /// The time in which an empty bucket fills.
    pub window: Duration,
}

impl Quota {
    /// So many calls per minute.
    #[must_use]
    pub const fn per_minute(limit: NonZeroU32) -> Self {
        Self { limit, window: Duration::from_secs(60) }
    }
}

/// What the bucket holds after a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// Whether the call may go on.
    pub is_allowed: bool,
    /// Calls that may follow at once.
    pub remaining: u32,
    /// When the bucket is full again.
    pub full_after: Duration,
    /// When the next call may come; zero when it may at once.
    pub retry_after: Duration,
}

/// The limiter could not be asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the limiter can't be asked: {0}")]
pub struct LimiterAway(pub String);

/// Counts calls, over all instances that share it.
#[async_trait]
pub trait RateLimiter: Send + Sync {
    /// Takes one token out of the bucket `key`. MUST be atomic: of parallel calls no more are allowed than there are
    /// tokens. A refused call costs nothing. A bucket that nobody has asked for within its window MAY be forgotten.
    async fn take(&self, key: &str, quota: Quota) -> Result<Allowance, LimiterAway>;
}
