//! What many processes share by Redis, or each has for itself without one.

use crate::config::Config;
use kernel::{Bus, Clock, RateLimiter, SystemRandomness};
use local::{Limiter, LiveStreams, LocalBus};
use redis_adapter::{Redis, RedisBoard, RedisBus, SharedLimiter};
use std::{convert::Infallible, sync::Arc};
use web::Breakers;

pub(super) struct Shared {
    /// `None` when none is configured.
    pub(super) redis: Option<Redis>,
    /// Carries facts.
    pub(super) bus: Arc<dyn Bus>,
    /// Counts over all processes.
    pub(super) limiter: Arc<dyn RateLimiter>,
    /// Counts in this one.
    pub(super) local: Arc<dyn RateLimiter>,
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
        let breakers = Breakers::new(clock, Arc::new(SystemRandomness));
        let Some(options) = &config.redis else {
            let bus = Arc::new(LocalBus::new(live.clone()));
            return Ok(Self { redis: None, bus, limiter: local.clone(), local, breakers });
        };
        let redis = Redis::new(options)?;
        let breakers = breakers.with_board(Arc::new(RedisBoard::new(redis.clone())));
        let bus = Arc::new(RedisBus::new(redis.clone()));
        let limiter = Arc::new(SharedLimiter::new(redis.clone()));
        Ok(Self { redis: Some(redis), bus, limiter, local, breakers })
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
