//! The cache of all processes.

use crate::{Redis, RedisAway, connection::millis};
use async_trait::async_trait;
use deadpool_redis::redis::{Script, cmd};
use kernel::{Cache, CacheAway, CacheEdition, CacheKey, CacheShelf, Cached, LARGEST_CACHED};
use std::time::Duration;

/// One key a value, in front of which its shelf's edition is written, and one key a shelf for the edition that holds.
/// Clearing a shelf takes that away; the values that stay behind hold no longer, and go when their time is over. A Redis
/// that throws keys away because it is full may so lose values, or clear a shelf. What a replica had not heard of when
/// it took over was not cleared.
#[derive(Clone)]
pub struct RedisCache {
    redis: Redis,
    look: Script,
    put: Script,
}

/// How long a shelf keeps its edition without a value: longer than anything takes that is made for it.
const UNUSED: Duration = Duration::from_secs(60 * 60);
/// How long a value stays at most.
const LONGEST: Duration = Duration::from_secs(30 * 24 * 60 * 60);

impl From<RedisAway> for CacheAway {
    fn from(away: RedisAway) -> Self {
        Self(away.to_string())
    }
}

impl RedisCache {
    /// The cache in this Redis.
    #[must_use]
    pub fn new(redis: Redis) -> Self {
        let look = Script::new(include_str!("look.lua"));
        Self { redis, look, put: Script::new(include_str!("put.lua")) }
    }

    fn shelf(&self, shelf: CacheShelf) -> String {
        self.redis.key(&format!("shelf:{shelf}"))
    }

    fn value(&self, key: &CacheKey) -> String {
        self.redis.key(&format!("cache:{key}"))
    }
}

#[async_trait]
impl Cache for RedisCache {
    async fn look(&self, key: &CacheKey) -> Result<Cached, CacheAway> {
        let mut call = self.look.prepare_invoke();
        call.key(self.shelf(key.shelf())).key(self.value(key)).arg(millis(UNUSED));
        let answer = self
            .redis
            .ask(async |connection| call.invoke_async::<(String, Option<Vec<u8>>)>(connection).await);
        let (edition, value) = answer.await?;
        Ok(value.map_or_else(|| Cached::Nothing(CacheEdition(edition)), Cached::Value))
    }

    async fn put(
        &self,
        key: &CacheKey,
        edition: &CacheEdition,
        value: &[u8],
        stays: Duration,
    ) -> Result<(), CacheAway> {
        if value.len() > LARGEST_CACHED || stays.is_zero() {
            return Ok(());
        }
        let mut call = self.put.prepare_invoke();
        call.key(self.shelf(key.shelf())).key(self.value(key));
        call.arg(&edition.0).arg(value).arg(millis(stays.min(LONGEST)));
        let answer = self.redis.ask(async |connection| call.invoke_async::<()>(connection).await);
        Ok(answer.await?)
    }

    async fn clear(&self, shelf: CacheShelf) -> Result<(), CacheAway> {
        let mut clear = cmd("DEL");
        clear.arg(self.shelf(shelf));
        let answer = self.redis.ask(async |connection| clear.query_async::<()>(connection).await);
        Ok(answer.await?)
    }
}
