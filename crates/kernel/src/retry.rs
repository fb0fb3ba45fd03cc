//! Asking again: how often, and after which waits.

use async_trait::async_trait;
use std::time::Duration;

/// Waits before an attempt is repeated; tests wait by moving their clock.
#[async_trait]
pub trait Pause: Send + Sync {
    /// Waits so long.
    async fn pause(&self, wait: Duration);
}

/// What happens after an attempt that failed and may be repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Attempts after the first one.
    pub retries: u32,
    /// The waits between them.
    pub backoff: Backoff,
    /// The longest wait, jitter apart. A service that asks for a longer one is not waited for: the call ends, and its
    /// caller is told when it makes sense again.
    pub cap: Duration,
    /// Adds up to a quarter of each wait, so that those who failed together don't come back together.
    pub jitter: bool,
    /// Waits as long as the service says in `Retry-After`, or in its own words, if that is longer.
    pub honours_retry_after: bool,
}

/// How the waits grow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backoff {
    /// `first`, then twice as long each time.
    Exponential {
        /// The first wait.
        first: Duration,
    },
    /// `first`, then by `first` longer each time.
    Linear {
        /// The first wait.
        first: Duration,
    },
}

/// How long to leave something alone that has failed so many times in a row, one or more: half a second, one, then two.
/// Whoever waits for it to come back never gives up.
#[must_use]
pub const fn rest_after(failures: u32) -> Duration {
    const MOST: Duration = Duration::from_secs(2);
    let rest = Backoff::Exponential { first: Duration::from_millis(500) }.after(failures.saturating_sub(1));
    if rest.as_millis() < MOST.as_millis() { rest } else { MOST }
}

impl Backoff {
    /// The wait after so many retries.
    const fn after(self, retries: u32) -> Duration {
        match self {
            Self::Exponential { first } => first.saturating_mul(2_u32.saturating_pow(retries)),
            Self::Linear { first } => first.saturating_mul(retries.saturating_add(1)),
        }
    }
}

impl RetryPolicy {
    /// One attempt and no other.
    pub const NONE: Self = Self {
        retries: 0,
        backoff: Backoff::Linear { first: Duration::ZERO },
        cap: Duration::ZERO,
        jitter: false,
        honours_retry_after: false,
    };

    /// How long to wait before the attempt that follows `retries` others after the first; `None` when there is none.
    /// `asked` is what the service asked for, `jitter` a random byte.
    #[must_use]
    pub fn wait(&self, retries: u32, asked: Option<Duration>, jitter: u8) -> Option<Duration> {
        let asked = asked.filter(|_| self.honours_retry_after).unwrap_or_default();
        if retries >= self.retries || asked > self.cap {
            return None;
        }
        let wait = self.backoff.after(retries).min(self.cap).max(asked);
        let more = if self.jitter { wait / 4 * u32::from(jitter) / 255 } else { Duration::ZERO };
        Some(wait + more)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);
    const USUAL: RetryPolicy = RetryPolicy {
        retries: 3,
        backoff: Backoff::Exponential { first: SECOND },
        cap: Duration::from_secs(10),
        jitter: true,
        honours_retry_after: true,
    };

    #[test]
    fn no_wait_is_longer_than_the_cap_and_none_overflows() {
        let patient = RetryPolicy { retries: u32::MAX, ..USUAL };
        for backoff in [Backoff::Exponential { first: SECOND }, Backoff::Linear { first: SECOND }] {
            let patient = RetryPolicy { backoff, ..patient };
            for retries in [4, 10, 40, u32::MAX - 1] {
                let wait = patient.wait(retries, None, 0).unwrap();
                assert!(wait <= patient.cap, "{retries}: {wait:?}");
            }
            assert_eq!(patient.wait(u32::MAX, None, 0), None);
        }
    }

    #[test]
    fn rests_grow_to_two_seconds() {
        let rests = [0, 1, 2, 3, 4, u32::MAX].map(|failures| rest_after(failures).as_millis());
        assert_eq!(rests, [500, 500, 1_000, 2_000, 2_000, 2_000]);
    }

    #[test]
    fn a_service_that_asks_for_time_gets_it_or_is_left() {
        assert_eq!(USUAL.wait(0, Some(SECOND * 7), 0), Some(SECOND * 7));
        assert_eq!(USUAL.wait(2, Some(SECOND), 0), Some(SECOND * 4), "the ladder is not shortened");
        assert_eq!(USUAL.wait(0, Some(SECOND * 10), 255), Some(SECOND * 10 * 5 / 4));
        assert_eq!(USUAL.wait(0, Some(SECOND * 11), 0), None);
        let deaf = RetryPolicy { honours_retry_after: false, ..USUAL };
        assert_eq!(deaf.wait(0, Some(SECOND * 11), 0), Some(SECOND));
    }
}
