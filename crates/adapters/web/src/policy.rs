//! How long, how often and how stubbornly others are called: data.

use crate::{BreakerPolicy, Patience};
use kernel::{Backoff, RetryPolicy};
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

impl Policy {
    /// A language model. The dispatcher decides who is asked again; how long the first byte may take is its affair, too.
    pub const MODEL: Self = Self {
        attempt: Patience { connect: Duration::from_secs(5), total: Duration::from_secs(300) },
        retry: RetryPolicy::NONE,
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

    /// Every wait of a ladder, in milliseconds.
    fn ladder(policy: &RetryPolicy, jitter: u8) -> Vec<u128> {
        (0..).map_while(|retries| policy.wait(retries, None, jitter)).map(|wait| wait.as_millis()).collect()
    }

    #[test]
    fn the_ladders_are_the_documented_ones() {
        assert!(ladder(&Policy::MODEL.retry, 0).is_empty());
        assert_eq!(ladder(&Policy::PHONEPE.retry, 255), [1_000, 2_000]);
        assert_eq!(ladder(&Policy::KEY_SET.retry, 0), [200, 400]);
        assert!(ladder(&Policy::MAIL.retry, 0).is_empty());
    }
}
