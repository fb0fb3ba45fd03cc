//! Rate limits of one process.

mod window;

use async_trait::async_trait;
use kernel::{Allowance, Clock, LimiterAway, Quota, RateLimiter, Shape, Timestamp};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};
use window::Calls;

/// Counts in the memory of this process: exact in one process, and each of several has its own.
///
/// A bucket is one instant, when it would be full (GCRA, ITU-T I.371): each call moves it by the time that one token
/// takes to refill, and a call is refused when that would lead further than a window ahead. A window is the calls that
/// it let pass.
#[derive(Clone)]
pub struct Limiter {
    clock: Arc<dyn Clock>,
    counts: Arc<Mutex<Counts>>,
}

#[derive(Default)]
struct Counts {
    buckets: HashMap<String, Timestamp>,
    windows: HashMap<String, Calls>,
    /// How many there were after the last sweep.
    swept: usize,
}

impl Counts {
    /// Below this, sweeping is not worth it.
    const FEW: usize = 1_024;

    fn held(&self) -> usize {
        self.buckets.len() + self.windows.len()
    }

    /// Forgets what is full when there is twice as much: it is as good as new, and strangers must not fill memory.
    fn sweep(&mut self, now: Timestamp) {
        if self.held() >= 2 * self.swept.max(Self::FEW) {
            self.buckets.retain(|_, full_at| *full_at > now);
            self.windows.retain(|_, calls| calls.full_at.is_some_and(|full_at| full_at > now));
            self.swept = self.held();
        }
    }

    fn take_token(&mut self, key: &str, quota: Quota, now: Timestamp) -> Allowance {
        let full_at = self.buckets.get(key).copied().unwrap_or(now).max(now);
        let after = full_at.plus(quota.token());
        let lacking = after.since(now.plus(quota.window));
        let is_allowed = lacking.is_zero();
        let full_at = if is_allowed { after } else { full_at };
        if is_allowed {
            self.buckets.insert(key.to_owned(), after);
        }
        quota.of_bucket(is_allowed, full_at.since(now), lacking)
    }
}

impl Limiter {
    /// Nobody has called yet.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, counts: Arc::default() }
    }
}

#[async_trait]
impl RateLimiter for Limiter {
    async fn take(&self, key: &str, quota: Quota) -> Result<Allowance, LimiterAway> {
        let now = self.clock.now();
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.sweep(now);
        Ok(match quota.shape {
            Shape::Bucket => counts.take_token(key, quota, now),
            Shape::Window => counts.windows.entry(key.to_owned()).or_default().take(now, quota),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::testing::ManualClock;
    use proptest::prelude::*;
    use std::{num::NonZeroU32, time::Duration};

    fn limiter() -> (Limiter, Arc<ManualClock>) {
        let clock = Arc::new(ManualClock::at("2026-03-02T09:00:00Z"));
        (Limiter::new(clock.clone()), clock)
    }

    fn per_minute(limit: u32) -> Quota {
        Quota::per_minute(NonZeroU32::new(limit).unwrap())
    }

    fn within_a_minute(limit: u32) -> Quota {
        Quota::within(Duration::from_secs(60), NonZeroU32::new(limit).unwrap())
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
    async fn a_window_counts_each_call_until_it_is_a_window_ago() {
        let (limiter, clock) = limiter();
        let take = async || limiter.take("a", within_a_minute(2)).await.unwrap();
        assert_eq!(take().await.remaining, 1);
        clock.advance(Duration::from_secs(50));
        assert_eq!(take().await.remaining, 0);
        let refused = take().await;
        assert_eq!((refused.is_allowed, refused.remaining), (false, 0));
        let (first, both) = (Duration::from_secs(10), Duration::from_secs(60));
        assert_eq!((refused.retry_after, refused.full_after), (first, both));
        let bucket = limiter.take("a", per_minute(2)).await.unwrap();
        assert_eq!((bucket.is_allowed, bucket.remaining), (true, 1), "a bucket of that key is another count");
        clock.advance(Duration::from_secs(10));
        assert!(take().await.is_allowed && !take().await.is_allowed);
        let fewer = limiter.take("a", within_a_minute(1)).await.unwrap();
        assert_eq!(fewer.retry_after, both, "of a lowered limit the last call counts");
        clock.put_back(Duration::from_secs(3_600));
        assert!(!take().await.is_allowed, "a clock that was put back sets nothing free");
    }

    #[tokio::test]
    async fn of_parallel_calls_no_more_pass_than_there_are() {
        let (limiter, _) = limiter();
        for quota in [per_minute(10), within_a_minute(10)] {
            let calls = (0..50).map(|_| {
                let limiter = limiter.clone();
                tokio::spawn(async move { limiter.take("a", quota).await.unwrap().is_allowed })
            });
            let mut passed = 0;
            for call in calls.collect::<Vec<_>>() {
                passed += usize::from(call.await.unwrap());
            }
            assert_eq!(passed, 10);
        }
    }

    #[tokio::test]
    async fn strangers_do_not_fill_the_memory() {
        let (limiter, clock) = limiter();
        for stranger in 0..20_000 {
            limiter.take(&stranger.to_string(), per_minute(10)).await.unwrap();
            let tries = Quota { window: Duration::from_secs(6), ..within_a_minute(1) };
            limiter.take(&stranger.to_string(), tries).await.unwrap();
            clock.advance(Duration::from_millis(10));
        }
        let held = limiter.counts.lock().unwrap().held();
        assert!(held <= 4 * Counts::FEW, "{held} counts are kept, of which 1,200 are not full");
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

        #[test]
        fn in_no_stretch_of_a_window_s_length_more_pass_than_the_limit_and_never_fewer_than_might(
            limit in 1_u32..8, pauses in prop::collection::vec(0_u64..40_000, 1..120),
        ) {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            runtime.block_on(async {
                let (limiter, clock) = limiter();
                let (mut passed, mut at): (Vec<u64>, u64) = (Vec::new(), 0);
                for pause in pauses {
                    clock.advance(Duration::from_millis(pause));
                    at += pause;
                    let counted = passed.iter().filter(|call| at - **call < 60_000).count();
                    let answer = limiter.take("a", within_a_minute(limit)).await.unwrap();
                    prop_assert_eq!(answer.is_allowed, counted < limit as usize);
                    if answer.is_allowed {
                        passed.push(at);
                    } else {
                        let first = passed[passed.len() - limit as usize];
                        prop_assert_eq!(answer.retry_after, Duration::from_millis(first + 60_000 - at));
                    }
                }
                Ok(())
            })?;
        }
    }
}
