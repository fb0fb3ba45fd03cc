//! A Redis of a test's own, which it may stop, freeze, fill and empty.

use deadpool_redis::redis::{Client, FromRedisValue, aio::MultiplexedConnection, cmd};
use redis_adapter::{Options, Redis};
use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

pub(crate) struct Server {
    script: Child,
    pub(crate) url: String,
}

impl Server {
    /// Started by the script that starts those of all tests; it ends when its input does.
    pub(crate) fn start() -> Self {
        let with_servers = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests/servers/with-servers");
        let mut command = Command::new(with_servers);
        command.args(["sh", "-c", "printf '%s\\n' \"$TEST_REDIS_URL\"; read -r _"]);
        command.env_remove("TEST_REDIS_URL");
        for postgres in ["TEST_POSTGRES_OWNER_URL", "TEST_POSTGRES_APP_URL", "TEST_POSTGRES_SYSTEM_URL"] {
            // What is set is not started.
            command.env(postgres, "not needed");
        }
        let mut script = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut url = String::new();
        BufReader::new(script.stdout.take().unwrap()).read_line(&mut url).unwrap();
        assert!(url.starts_with("redis://"), "no Redis: {url}");
        Self { script, url: url.trim().to_owned() }
    }

    /// One process's Redis.
    pub(crate) fn redis(&self) -> Redis {
        let options = Options { url: self.url.clone().into(), connections: 20, namespace: "test".to_owned() };
        Redis::new(&options).unwrap()
    }

    async fn connection(&self) -> MultiplexedConnection {
        Client::open(self.url.as_str()).unwrap().get_multiplexed_async_connection().await.unwrap()
    }

    /// Sends a command, words separated by spaces.
    pub(crate) async fn send<T: FromRedisValue>(&self, words: &str) -> T {
        let mut words = words.split(' ');
        let mut command = cmd(words.next().unwrap());
        for word in words {
            command.arg(word);
        }
        command.query_async(&mut self.connection().await).await.unwrap()
    }

    /// As after a restart: nothing is there, no script is known, and every connection has ended.
    pub(crate) async fn restart_empty(&self) {
        for words in ["FLUSHALL", "SCRIPT FLUSH", "CLIENT KILL TYPE normal", "CLIENT KILL TYPE pubsub"] {
            let _: deadpool_redis::redis::Value = self.send(words).await;
        }
    }

    /// Ends it, as a machine does that is switched off.
    pub(crate) fn stop(&mut self) {
        drop(self.script.stdin.take());
        self.script.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Tries until it succeeds, for half a minute.
pub(crate) async fn until(mut holds: impl AsyncFnMut() -> bool) {
    let mut again = tokio::time::interval(Duration::from_millis(20));
    let tried = tokio::time::timeout(Duration::from_secs(30), async {
        while !holds().await {
            again.tick().await;
        }
    });
    tried.await.expect("it never came to be");
}
