//! Rate limits of all processes together.

use crate::{Redis, RedisAway};
use async_trait::async_trait;
use deadpool_redis::redis::{FromRedisValue, Script, ScriptInvocation};
use kernel::{Allowance, Clock, LimiterAway, Quota, RateLimiter, Shape};
use std::{sync::Arc, time::Duration};

/// Buckets and windows in Redis, by Redis's clock. A refused call changes nothing; what is full is forgotten.
#[derive(Clone)]
pub struct SharedLimiter {
    redis: Redis,
    take: Script,
    window: Script,
    clock: Option<Arc<dyn Clock>>,
}

impl SharedLimiter {
    /// The counts of this Redis.
    #[must_use]
    pub fn new(redis: Redis) -> Self {
        let take = Script::new(include_str!("take.lua"));
        Self { redis, take, window: Script::new(include_str!("window.lua")), clock: None }
    }

    /// By this clock instead of Redis's own, which all processes have to share: for tests that move it.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = Some(clock);
        self
    }

    async fn ask<T: FromRedisValue>(&self, mut call: ScriptInvocation<'_>) -> Result<T, RedisAway> {
        if let Some(clock) = &self.clock {
            call.arg(clock.now().micros());
        }
        self.redis.ask(async |connection| call.invoke_async(connection).await).await
    }

    async fn take_token(&self, key: &str, quota: Quota) -> Result<Allowance, RedisAway> {
        let mut call = self.take.prepare_invoke();
        call.key(self.redis.key(&format!("limit:{key}")));
        call.arg(micros(quota.token())).arg(micros(quota.window));
        let (is_allowed, full_after, retry_after) = self.ask::<(bool, u64, u64)>(call).await?;
        Ok(quota.of_bucket(is_allowed, Duration::from_micros(full_after), Duration::from_micros(retry_after)))
    }

    async fn slide(&self, key: &str, quota: Quota) -> Result<Allowance, RedisAway> {
        let mut call = self.window.prepare_invoke();
        call.key(self.redis.key(&format!("window:{key}")));
        call.arg(quota.limit.get()).arg(micros(quota.window));
        let (is_allowed, remaining, full_after, retry_after) =
            self.ask::<(bool, u32, u64, u64)>(call).await?;
        let (full_after, retry_after) =
            (Duration::from_micros(full_after), Duration::from_micros(retry_after));
        Ok(Allowance { is_allowed, remaining, full_after, retry_after })
    }
}

#[async_trait]
impl RateLimiter for SharedLimiter {
    async fn take(&self, key: &str, quota: Quota) -> Result<Allowance, LimiterAway> {
        let taken = match quota.shape {
            Shape::Bucket => self.take_token(key, quota).await,
            Shape::Window => self.slide(key, quota).await,
        };
        taken.map_err(|away| LimiterAway(away.to_string()))
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}
