//! What many processes share by Redis, or each has for itself without one.

use crate::config::Config;
use kernel::{Bus, Cache, Clock, Locks, RateLimiter, SystemRandomness};
use local::{Limiter, LiveStreams, LocalBus, LocalCache};
use redis_adapter::{Redis, RedisBoard, RedisBus, RedisCache, RedisLocks, SharedLimiter};
use std::{convert::Infallible, sync::Arc};
use web::Breakers;

/// What the cache of one process takes of its memory at most.
const CACHED_BYTES: usize = 16 * 1024 * 1024;

pub(super) struct Shared {
    /// `None` when none is configured.
    pub(super) redis: Option<Redis>,
    /// Carries facts.
    pub(super) bus: Arc<dyn Bus>,
    /// Counts over all processes.
    pub(super) limiter: Arc<dyn RateLimiter>,
    /// Counts in this one.
    pub(super) local: Arc<dyn RateLimiter>,
    /// Keeps what was costly to make.
    pub(super) cache: Arc<dyn Cache>,
    /// Tell each other what is down, where there is Redis.
    pub(super) breakers: Breakers,
}

impl Shared {
    pub(super) fn of(
        config: &Config,
        clock: Arc<dyn Clock>,
        live: &Arc<LiveStreams>,
    ) -> anyhow::Result<Self> {
        let local = Arc::new(Limiter::new(clock.clone()));
        let breakers = Breakers::new(clock.clone(), Arc::new(SystemRandomness));
        let Some(options) = &config.redis else {
            let bus = Arc::new(LocalBus::new(live.clone()));
            let cache = Arc::new(LocalCache::new(clock, CACHED_BYTES));
            return Ok(Self { redis: None, bus, limiter: local.clone(), local, cache, breakers });
        };
        let redis = Redis::new(options)?;
        let breakers = breakers.with_board(Arc::new(RedisBoard::new(redis.clone())));
        let bus = Arc::new(RedisBus::new(redis.clone()));
        let limiter = Arc::new(SharedLimiter::new(redis.clone()));
        let cache = Arc::new(RedisCache::new(redis.clone()));
        Ok(Self { redis: Some(redis), bus, limiter, local, cache, breakers })
    }

    /// The cache, and where processes share it, the locks by which one of them has a thing made.
    pub(super) fn cached(&self) -> (Arc<dyn Cache>, Option<Arc<dyn Locks>>) {
        let locks = |redis: &Redis| -> Arc<dyn Locks> {
            Arc::new(RedisLocks::new(redis.clone(), Arc::new(SystemRandomness)))
        };
        (self.cache.clone(), self.redis.as_ref().map(locks))
    }
}

/// Hears of what other processes publish, for those who follow streams of facts in this one.
pub struct Hearing {
    pub(super) redis: Redis,
    pub(super) live: Arc<LiveStreams>,
}

impl Hearing {
    /// Listens until it is dropped.
    pub async fn run(self) -> Infallible {
        redis_adapter::listen(&self.redis, self.live.as_ref()).await
    }
}
