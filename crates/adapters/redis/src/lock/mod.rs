//! Locks of all processes.

use crate::{Redis, RedisAway, connection::millis};
use async_trait::async_trait;
use deadpool_redis::redis::{Script, cmd};
use kernel::{HeldLock, Locks, LocksAway, Randomness};
use std::{fmt::Write, sync::Arc, time::Duration};

/// One key a lock, which its holder's random token is in. Redis forgets it when its time is over, and may lose it
/// before: the port says what locks are no good for.
#[derive(Clone)]
pub struct RedisLocks {
    redis: Redis,
    release: Script,
    randomness: Arc<dyn Randomness>,
}

impl From<RedisAway> for LocksAway {
    fn from(away: RedisAway) -> Self {
        Self(away.to_string())
    }
}

impl RedisLocks {
    /// The locks in this Redis.
    #[must_use]
    pub fn new(redis: Redis, randomness: Arc<dyn Randomness>) -> Self {
        Self { redis, release: Script::new(include_str!("release.lua")), randomness }
    }

    fn key(&self, name: &str) -> String {
        self.redis.key(&format!("lock:{name}"))
    }

    fn token(&self) -> Result<String, LocksAway> {
        let mut random = [0; 16];
        self.randomness.fill(&mut random).map_err(|error| LocksAway(error.to_string()))?;
        let mut token = String::new();
        for byte in random {
            // Writing to a `String` can't fail.
            let _ = write!(token, "{byte:02x}");
        }
        Ok(token)
    }
}

#[async_trait]
impl Locks for RedisLocks {
    async fn take(&self, name: &str, at_most: Duration) -> Result<Option<HeldLock>, LocksAway> {
        let token = self.token()?;
        let mut set = cmd("SET");
        set.arg(self.key(name)).arg(&token).arg("NX").arg("PX").arg(millis(at_most));
        let answer = self.redis.ask(async |connection| set.query_async::<Option<String>>(connection).await);
        Ok(answer.await?.map(|_| HeldLock { name: name.to_owned(), token }))
    }

    async fn release(&self, held: &HeldLock) -> Result<(), LocksAway> {
        let mut call = self.release.prepare_invoke();
        call.key(self.key(&held.name)).arg(&held.token);
        let answer = self.redis.ask(async |connection| call.invoke_async::<()>(connection).await);
        Ok(answer.await?)
    }
}
