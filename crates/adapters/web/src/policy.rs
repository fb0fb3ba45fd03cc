//! How long, how often and how stubbornly others are called: data.

use crate::{BreakerPolicy, Patience};
use std::time::Duration;

/// All that is decided about how one dependency is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// How long one attempt may take.
    pub attempt: Patience,
    /// What happens after an attempt that failed.
    pub retry: RetryPolicy,
    /// When it is left alone.
    pub breaker: BreakerPolicy,
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

impl Policy {
    /// A language model. Only what failed before the first byte may be repeated; how long the first byte may take is the
    /// adapter's affair, as the whole of an answer takes minutes.
    pub const MODEL: Self = Self {
        attempt: Patience { connect: Duration::from_secs(5), total: Duration::from_secs(300) },
        retry: RetryPolicy {
            retries: 3,
            backoff: Backoff::Exponential { first: Duration::from_secs(1) },
            cap: Duration::from_secs(10),
            jitter: true,
            honours_retry_after: true,
        },
        breaker: BreakerPolicy::USUAL,
    };

    /// `PhonePe`. An attempt whose answer was lost may be repeated under the same order id only. Somebody waits at the
    /// checkout, so a longer wait than the ladder's longest is left to them.
    pub const PHONEPE: Self = Self {
        attempt: Patience { connect: Duration::from_secs(3), total: Duration::from_secs(5) },
        retry: RetryPolicy {
            retries: 2,
            backoff: Backoff::Linear { first: Duration::from_secs(1) },
            cap: Duration::from_secs(2),
            jitter: false,
            honours_retry_after: true,
        },
        breaker: BreakerPolicy::USUAL,
    };

    /// A service that takes mails. Each is sent by a job that is itself repeated, later and more often than any attempt
    /// here could be; retries inside its attempts would multiply with them and keep a worker waiting.
    pub const MAIL: Self = Self {
        attempt: Patience { connect: Duration::from_secs(5), total: Duration::from_secs(20) },
        retry: RetryPolicy::NONE,
        breaker: BreakerPolicy::USUAL,
    };

    /// Where somebody else's public keys are published. A person waits for it at their login, and after a failure nobody
    /// asks again for a minute: a connection that breaks is worth a second attempt at once. The breaker opens after one
    /// such ladder, as the next one is a minute away.
    pub const KEY_SET: Self = Self {
        attempt: Patience { connect: Duration::from_secs(3), total: Duration::from_secs(5) },
        retry: RetryPolicy {
            retries: 2,
            backoff: Backoff::Exponential { first: Duration::from_millis(200) },
            cap: Duration::from_secs(1),
            jitter: true,
            honours_retry_after: true,
        },
        breaker: BreakerPolicy { failures: 3, ..BreakerPolicy::USUAL },
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// Every wait of a ladder, in milliseconds.
    fn ladder(policy: &RetryPolicy, jitter: u8) -> Vec<u128> {
        (0..).map_while(|retries| policy.wait(retries, None, jitter)).map(|wait| wait.as_millis()).collect()
    }

    #[test]
    fn the_ladders_are_the_documented_ones() {
        assert_eq!(ladder(&Policy::MODEL.retry, 0), [1_000, 2_000, 4_000]);
        assert_eq!(ladder(&Policy::MODEL.retry, 255), [1_250, 2_500, 5_000]);
        assert_eq!(ladder(&Policy::PHONEPE.retry, 255), [1_000, 2_000]);
        assert_eq!(ladder(&Policy::KEY_SET.retry, 0), [200, 400]);
        assert!(ladder(&Policy::MAIL.retry, 0).is_empty());
    }

    #[test]
    fn no_wait_is_longer_than_the_cap_and_none_overflows() {
        let patient = RetryPolicy { retries: u32::MAX, ..Policy::MODEL.retry };
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
    fn a_service_that_asks_for_time_gets_it_or_is_left() {
        let policy = Policy::MODEL.retry;
        assert_eq!(policy.wait(0, Some(SECOND * 7), 0), Some(SECOND * 7));
        assert_eq!(policy.wait(2, Some(SECOND), 0), Some(SECOND * 4), "the ladder is not shortened");
        assert_eq!(policy.wait(0, Some(SECOND * 10), 255), Some(SECOND * 10 * 5 / 4));
        assert_eq!(policy.wait(0, Some(SECOND * 11), 0), None);
        let deaf = RetryPolicy { honours_retry_after: false, ..policy };
        assert_eq!(deaf.wait(0, Some(SECOND * 11), 0), Some(SECOND));
    }
}
