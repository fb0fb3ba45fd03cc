//! Rate limits: how often somebody may do something.

use async_trait::async_trait;
use std::{num::NonZeroU32, time::Duration};

/// How often something may be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// How many calls fit in a window; also how many may come at once.
    pub limit: NonZeroU32,
    /// The window.
    pub window: Duration,
    /// How calls come free again.
    pub shape: Shape,
}

/// How the calls of a quota come free again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A bucket of tokens: full at first, emptied by one per call, refilled evenly within a window. For a rate: who has
    /// been silent may call often at once, and up to twice the limit fall into the window that begins then.
    Bucket,
    /// A window that slides: in no stretch of that length more than the limit, to the microsecond. For a count, as of
    /// tries and of mails; it remembers each call that it let pass, so limits are to be small.
    Window,
}

impl Quota {
    /// So many calls per minute, as a rate.
    #[must_use]
    pub const fn per_minute(limit: NonZeroU32) -> Self {
        Self { limit, window: Duration::from_secs(60), shape: Shape::Bucket }
    }

    /// So many calls in any stretch of this length, as a count.
    #[must_use]
    pub const fn within(window: Duration, limit: NonZeroU32) -> Self {
        Self { limit, window, shape: Shape::Window }
    }

    /// The time in which one token of a bucket refills.
    #[must_use]
    pub fn token(self) -> Duration {
        self.window / self.limit.get()
    }

    /// What a bucket allows that will be full after this time.
    #[must_use]
    pub fn of_bucket(self, is_allowed: bool, full_after: Duration, retry_after: Duration) -> Allowance {
        let room = self.window.saturating_sub(full_after).as_micros();
        let tokens = room / self.token().as_micros().max(1);
        let remaining = u32::try_from(tokens).unwrap_or(u32::MAX).min(self.limit.get());
        Allowance { is_allowed, remaining, full_after, retry_after }
    }
}

/// What is left after a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// Whether the call may go on.
    pub is_allowed: bool,
    /// Calls that may follow at once.
    pub remaining: u32,
    /// When nothing of the quota is used any more.
    pub full_after: Duration,
    /// When the next call may come; zero when this one was let pass.
    pub retry_after: Duration,
}

/// The limiter could not be asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the limiter can't be asked: {0}")]
pub struct LimiterAway(pub String);

/// Counts calls, over all instances that share it.
#[async_trait]
pub trait RateLimiter: Send + Sync {
    /// Counts a call against the quota of `key`. MUST be atomic: of parallel calls no more are allowed than the quota
    /// has. A refused call costs nothing. What nobody has asked for within its window MAY be forgotten. Each shape has
    /// keys of its own.
    async fn take(&self, key: &str, quota: Quota) -> Result<Allowance, LimiterAway>;
}
