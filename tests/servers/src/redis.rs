//! A Redis of a test's own, which it may stop, freeze, fill and empty.

use crate::script::Script;
use deadpool_redis::redis::{Client, FromRedisValue, Value, aio::MultiplexedConnection, cmd};
use std::net::SocketAddr;

/// A running one, until it is dropped.
pub struct Redis {
    script: Script,
    /// Without TLS.
    pub url: String,
}

impl Redis {
    /// Started by the script that starts those of all tests; it ends when its input does.
    #[must_use]
    pub fn start() -> Self {
        let (script, [url]) = Script::start(["TEST_REDIS_URL"]);
        assert!(url.starts_with("redis://"), "no Redis: {url}");
        Self { script, url }
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        let rest = self.url.strip_prefix("redis://").unwrap();
        rest.split('/').next().unwrap().parse().unwrap()
    }

    async fn connection(&self) -> MultiplexedConnection {
        Client::open(self.url.as_str()).unwrap().get_multiplexed_async_connection().await.unwrap()
    }

    /// Sends a command, words separated by spaces.
    pub async fn send<T: FromRedisValue>(&self, words: &str) -> T {
        let mut words = words.split(' ');
        let mut command = cmd(words.next().unwrap());
        for word in words {
            command.arg(word);
        }
        command.query_async(&mut self.connection().await).await.unwrap()
    }

    /// As after a restart: nothing is there, no script is known, and every connection has ended.
    pub async fn restart_empty(&self) {
        for words in ["FLUSHALL", "SCRIPT FLUSH", "CLIENT KILL TYPE normal", "CLIENT KILL TYPE pubsub"] {
            let _: Value = self.send(words).await;
        }
    }

    /// Ends it, as a machine does that is switched off.
    pub fn stop(&mut self) {
        self.script.stop();
    }
}
