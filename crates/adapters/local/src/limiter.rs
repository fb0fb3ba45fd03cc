//! Rate limits of one process.

use async_trait::async_trait;
use kernel::{Allowance, Clock, LimiterAway, Quota, RateLimiter, Timestamp};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// Buckets in the memory of this process: exact in one process, and each of several has its own.
///
/// A bucket is one instant, when it would be full (GCRA, ITU-T I.371): each call moves it by the time that one token
/// takes to refill, and a call is refused when that would lead further than a window ahead.
#[derive(Clone)]
pub struct Limiter {
    clock: Arc<dyn Clock>,
    buckets: Arc<Mutex<Buckets>>,
}

#[derive(Default)]
struct Buckets {
    full_at: HashMap<String, Timestamp>,
    /// How many there were after the last sweep.
    swept: usize,
}

impl Buckets {
    /// Below this, sweeping is not worth it.
    const FEW: usize = 1_024;

    /// Forgets full buckets when the map has doubled: they are as good as new ones, and strangers must not fill memory.
    fn sweep(&mut self, now: Timestamp) {
        if self.full_at.len() >= 2 * self.swept.max(Self::FEW) {
            self.full_at.retain(|_, full_at| *full_at > now);
            self.swept = self.full_at.len();
        }
    }
}

impl Limiter {
    /// Nobody has called yet.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, buckets: Arc::default() }
    }
}

#[async_trait]
impl RateLimiter for Limiter {
    async fn take(&self, key: &str, quota: Quota) -> Result<Allowance, LimiterAway> {
        let now = self.clock.now();
        let token = quota.window / quota.limit.get();
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        buckets.sweep(now);
        let full_at = buckets.full_at.get(key).copied().unwrap_or(now).max(now);
        let after = full_at.plus(token);
        let lacking = after.since(now.plus(quota.window));
        let is_allowed = lacking.is_zero();
        let full_at = if is_allowed { after } else { full_at };
        if is_allowed {
            buckets.full_at.insert(key.to_owned(), after);
        }
        let room = quota.window.saturating_sub(full_at.since(now));
        Ok(Allowance {
            is_allowed,
            remaining: whole_tokens(room, token),
            full_after: full_at.since(now),
            retry_after: lacking,
        })
    }
}

fn whole_tokens(room: Duration, token: Duration) -> u32 {
    u32::try_from(room.as_nanos() / token.as_nanos().max(1)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::testing::ManualClock;
    use proptest::prelude::*;
    use std::num::NonZeroU32;

    fn limiter() -> (Limiter, Arc<ManualClock>) {
        let clock = Arc::new(ManualClock::at("2026-03-02T09:00:00Z"));
        (Limiter::new(clock.clone()), clock)
    }

    fn per_minute(limit: u32) -> Quota {
        Quota::per_minute(NonZeroU32::new(limit).unwrap())
    }

    #[tokio::test]
    async fn a_full_bucket_gives_its_limit_at_once_and_then_one_at_a_time() {
        let (limiter, clock) = limiter();
        let take = async |key| limiter.take(key, per_minute(3)).await.unwrap();
        for remaining in [2, 1, 0] {
            let allowance = take("a").await;
            assert_eq!((allowance.is_allowed, allowance.remaining), (true, remaining));
        }
        let refused = take("a").await;
        assert_eq!((refused.is_allowed, refused.remaining), (false, 0));
        assert_eq!(
            (refused.retry_after, refused.full_after),
            (Duration::from_secs(20), Duration::from_secs(60))
        );
        assert!(take("b").await.is_allowed, "another's bucket is another");
        clock.advance(Duration::from_secs(19));
        assert!(!take("a").await.is_allowed);
        clock.advance(Duration::from_secs(1));
        assert!(take("a").await.is_allowed);
        assert!(!take("a").await.is_allowed);
    }

    #[tokio::test]
    async fn of_parallel_calls_no_more_pass_than_there_are_tokens() {
        let (limiter, _) = limiter();
        let calls: Vec<_> = (0..50)
            .map(|_| {
                let limiter = limiter.clone();
                tokio::spawn(async move { limiter.take("a", per_minute(10)).await.unwrap().is_allowed })
            })
            .collect();
        let mut passed = 0;
        for call in calls {
            passed += usize::from(call.await.unwrap());
        }
        assert_eq!(passed, 10);
    }

    #[tokio::test]
    async fn strangers_do_not_fill_the_memory() {
        let (limiter, clock) = limiter();
        for stranger in 0..20_000 {
            limiter.take(&stranger.to_string(), per_minute(10)).await.unwrap();
            clock.advance(Duration::from_millis(10));
        }
        let held = limiter.buckets.lock().unwrap().full_at.len();
        assert!(held <= 4 * Buckets::FEW, "{held} buckets are kept, of which 600 are not full");
    }

    proptest! {
        #[test]
        fn in_no_stretch_of_time_more_pass_than_a_bucket_and_its_refill(
            limit in 1_u32..20, pauses in prop::collection::vec(0_u64..20_000, 1..120),
        ) {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            runtime.block_on(async {
                let (limiter, clock) = limiter();
                let mut passed: Vec<u64> = Vec::new();
                let mut at = 0;
                for pause in pauses {
                    clock.advance(Duration::from_millis(pause));
                    at += pause;
                    if limiter.take("a", per_minute(limit)).await.unwrap().is_allowed {
                        passed.push(at);
                    }
                }
                for (first, from) in passed.iter().enumerate() {
                    for (last, until) in passed.iter().enumerate().skip(first) {
                        let allowed = f64::from(limit) * (1.0 + (until - from) as f64 / 60_000.0);
                        prop_assert!((last - first + 1) as f64 <= allowed + 1e-6);
                    }
                }
                Ok(())
            })?;
        }
    }
}
