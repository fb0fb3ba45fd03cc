//! Notes of dependencies that are down, for all processes.

use crate::{Redis, RedisAway, connection::millis};
use async_trait::async_trait;
use deadpool_redis::redis::{RedisError, cmd};
use kernel::{BoardAway, BreakerBoard, BreakerNote};
use std::time::Duration;

/// One key a dependency, which is gone with the wait that it tells of.
#[derive(Clone)]
pub struct RedisBoard {
    redis: Redis,
}

/// How long a note stays at most, whatever it says: breakers wait for half a minute.
const LONGEST: Duration = Duration::from_secs(60 * 60);

fn away(error: RedisError) -> BoardAway {
    RedisAway::from(error).into()
}

impl From<RedisAway> for BoardAway {
    fn from(away: RedisAway) -> Self {
        Self(away.to_string())
    }
}

impl RedisBoard {
    /// The board in this Redis.
    #[must_use]
    pub const fn new(redis: Redis) -> Self {
        Self { redis }
    }

    fn key(&self, dependency: &str) -> String {
        self.redis.key(&format!("down:{dependency}"))
    }
}

#[async_trait]
impl BreakerBoard for RedisBoard {
    async fn put_up(&self, note: &BreakerNote) -> Result<(), BoardAway> {
        let text = serde_json::to_string(note).map_err(|error| BoardAway(error.to_string()))?;
        // How long it holds is said by its own two instants: no clock of ours need agree with Redis's.
        let stays = millis(note.until.since(note.since).min(LONGEST));
        let mut connection = self.redis.connection().await?;
        let mut set = cmd("SET");
        set.arg(self.key(&note.dependency)).arg(text).arg("PX").arg(stays);
        set.query_async::<()>(&mut connection).await.map_err(away)
    }

    async fn take_down(&self, dependency: &str) -> Result<(), BoardAway> {
        let mut connection = self.redis.connection().await?;
        cmd("DEL").arg(self.key(dependency)).query_async::<()>(&mut connection).await.map_err(away)
    }

    async fn read(&self, dependencies: &[&str]) -> Result<Vec<BreakerNote>, BoardAway> {
        if dependencies.is_empty() {
            return Ok(Vec::new());
        }
        let mut connection = self.redis.connection().await?;
        let mut get = cmd("MGET");
        for dependency in dependencies {
            get.arg(self.key(dependency));
        }
        let texts: Vec<Option<Vec<u8>>> = get.query_async(&mut connection).await.map_err(away)?;
        let notes = dependencies.iter().zip(texts).filter_map(|(dependency, text)| read(dependency, &text?));
        Ok(notes.collect())
    }
}

/// What is no note of this dependency is left out; it goes by itself.
fn read(dependency: &str, text: &[u8]) -> Option<BreakerNote> {
    let note = serde_json::from_slice::<BreakerNote>(text).ok().filter(|note| note.dependency == dependency);
    if note.is_none() {
        tracing::warn!(dependency.name = dependency, "a note on the board of breakers can't be read");
    }
    note
}
