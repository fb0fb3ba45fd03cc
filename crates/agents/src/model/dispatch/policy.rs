use super::{Operation, Provider};
use kernel::{Backoff, RetryPolicy};
use std::time::Duration;

/// How stubbornly models are asked: data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DispatchPolicy {
    /// Until the first piece of an answer that comes bit by bit, each time somebody is asked.
    pub first_token: Duration,
    /// From the beginning of a call to the end of an answer that comes bit by bit, whoever is asked.
    pub total: Duration,
    /// The same of an answer in one piece, for which somebody waits who has seen nothing of it.
    pub whole: Duration,
    /// For so long after that money stays held for a call that nobody ended, because its process died.
    pub grace: Duration,
    /// What happens after an attempt that failed.
    pub retry: RetryPolicy,
    /// The same for Vertex AI: Google advises two retries at most, after a second at least.
    pub vertex: RetryPolicy,
    /// How long answers are cached; no time is no cache.
    pub cached: Duration,
}

/// Of answers that cost money and could not be used, so many are paid for in a call.
pub const CHARGED_FAILURES: u32 = 2;

impl DispatchPolicy {
    /// Three retries after 1, 2 and 4 seconds, or when the provider says, if that is within ten.
    pub const USUAL: Self = {
        let retry = RetryPolicy {
            retries: 3,
            backoff: Backoff::Exponential { first: Duration::from_secs(1) },
            cap: Duration::from_secs(10),
            jitter: true,
            honours_retry_after: true,
        };
        Self {
            first_token: Duration::from_secs(60),
            total: Duration::from_secs(240),
            whole: Duration::from_secs(240),
            grace: Duration::from_secs(60),
            retry,
            vertex: RetryPolicy { retries: 2, ..retry },
            cached: Duration::ZERO,
        }
    };

    /// How long a call may take.
    #[must_use]
    pub const fn total_of(&self, operation: Operation) -> Duration {
        match operation {
            Operation::Stream => self.total,
            Operation::Generate | Operation::Embed => self.whole,
        }
    }

    /// What happens after an attempt at this provider that failed.
    #[must_use]
    pub const fn retry_of(&self, provider: Provider) -> &RetryPolicy {
        match provider {
            Provider::Vertex => &self.vertex,
            _ => &self.retry,
        }
    }
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
        let policy = DispatchPolicy::USUAL;
        assert_eq!(ladder(policy.retry_of(Provider::OpenAi), 0), [1_000, 2_000, 4_000]);
        assert_eq!(ladder(policy.retry_of(Provider::OpenAi), 255), [1_250, 2_500, 5_000]);
        assert_eq!(ladder(policy.retry_of(Provider::Vertex), 0), [1_000, 2_000]);
    }
}
