//! What many processes share by Redis, or each has for itself without one.

use crate::config::Config;
use kernel::{Bus, Clock, RateLimiter};
use local::{Limiter, LiveStreams, LocalBus};
use redis_adapter::{Redis, RedisBus, SharedLimiter};
use std::{convert::Infallible, sync::Arc};

pub(super) struct Shared {
    /// `None` when none is configured.
    pub(super) redis: Option<Redis>,
    /// Carries facts.
    pub(super) bus: Arc<dyn Bus>,
    /// Counts over all processes.
    pub(super) limiter: Arc<dyn RateLimiter>,
    /// Counts in this one.
    pub(super) local: Arc<dyn RateLimiter>,
}

impl Shared {
    pub(super) fn of(
        config: &Config,
        clock: Arc<dyn Clock>,
        live: &Arc<LiveStreams>,
    ) -> anyhow::Result<Self> {
        let local = Arc::new(Limiter::new(clock));
        let Some(options) = &config.redis else {
            let bus = Arc::new(LocalBus::new(live.clone()));
            return Ok(Self { redis: None, bus, limiter: local.clone(), local });
        };
        let redis = Redis::new(options)?;
        let bus = Arc::new(RedisBus::new(redis.clone()));
        let limiter = Arc::new(SharedLimiter::new(redis.clone()));
        Ok(Self { redis: Some(redis), bus, limiter, local })
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
