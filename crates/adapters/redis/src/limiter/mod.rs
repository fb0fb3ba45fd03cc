//! Rate limits of all processes together.

use crate::Redis;
use async_trait::async_trait;
use deadpool_redis::redis::Script;
use kernel::{Allowance, LimiterAway, Quota, RateLimiter};
use std::time::Duration;

/// Buckets in Redis, by Redis's clock. A refused call changes nothing; a full bucket is forgotten.
#[derive(Clone)]
pub struct SharedLimiter {
    redis: Redis,
    take: Script,
}

/// How long a request waits for its bucket before it is counted in this process alone.
const PATIENCE: Duration = Duration::from_millis(250);

impl SharedLimiter {
    /// The buckets of this Redis.
    #[must_use]
    pub fn new(redis: Redis) -> Self {
        Self { redis, take: Script::new(include_str!("take.lua")) }
    }
}

#[async_trait]
impl RateLimiter for SharedLimiter {
    async fn take(&self, key: &str, quota: Quota) -> Result<Allowance, LimiterAway> {
        let token = quota.window / quota.limit.get();
        let mut call = self.take.prepare_invoke();
        call.key(self.redis.key(&format!("limit:{key}")));
        call.arg(micros(token)).arg(micros(quota.window));
        let answer = self
            .redis
            .ask(PATIENCE, async |connection| call.invoke_async::<(bool, u64, u64)>(connection).await)
            .await;
        let (is_allowed, full_after, retry_after) = answer.map_err(|away| LimiterAway(away.to_string()))?;
        let full_after = Duration::from_micros(full_after);
        let room = quota.window.saturating_sub(full_after);
        let remaining = u32::try_from(room.as_micros() / token.as_micros().max(1)).unwrap_or(u32::MAX);
        let retry_after = Duration::from_micros(retry_after);
        Ok(Allowance { is_allowed, remaining, full_after, retry_after })
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}
