use deadpool_redis::{
    Connection, Manager, Pool, PoolConfig, Runtime, Timeouts,
    redis::{
        AsyncConnectionConfig, Client, IntoConnectionInfo, RedisError, RedisResult, cmd,
        io::tcp::{TcpSettings, socket2::TcpKeepalive},
    },
};
use kernel::rest_after;
use secrecy::{ExposeSecret, SecretString};
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// How Redis is reached.
#[derive(Debug, Clone)]
pub struct Options {
    /// `redis://…`, or `rediss://…` for TLS by the roots that the operating system trusts.
    pub url: SecretString,
    /// The most connections for commands; a listener has one beside them.
    pub connections: usize,
    /// What the names of all keys and channels begin with: two installations may share a Redis.
    pub namespace: String,
}

/// The address is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the URL of Redis can't be used: {0}")]
pub struct UnusableUrl(String);

/// Redis does not answer, has no room, or has not answered lately.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct RedisAway(pub(crate) String);

impl From<RedisError> for RedisAway {
    fn from(error: RedisError) -> Self {
        Self(error.to_string())
    }
}

/// A Redis. Clones share its connections, which are made when they are needed.
#[derive(Clone)]
pub struct Redis {
    pool: Pool,
    client: Client,
    namespace: Arc<str>,
    patience: Duration,
    rest: Arc<Mutex<Rest>>,
}

/// How long it is left alone after failures.
#[derive(Debug, Default)]
struct Rest {
    failures: u32,
    until: Option<Instant>,
}

impl Rest {
    fn failed(&mut self, now: Instant) {
        self.failures = self.failures.saturating_add(1);
        self.until = Some(now + rest_after(self.failures));
    }

    /// Whether a call may be made; the first one after the pause goes alone.
    fn is_over(&mut self, now: Instant) -> bool {
        match self.until {
            Some(until) if now < until => false,
            Some(_) => {
                self.until = Some(now + Redis::SOCKET);
                true
            }
            None => true,
        }
    }
}

/// A time as Redis counts it, of which none is too short: it refuses 0, or waits for ever.
pub(crate) fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX).max(1)
}

impl Redis {
    /// How long a request waits for an answer before it goes on without.
    pub const PATIENCE: Duration = Duration::from_millis(250);
    /// How long any answer may take.
    pub(crate) const SOCKET: Duration = Duration::from_secs(5);
    /// How long a connection may take to be made.
    const CONNECT: Duration = Duration::from_secs(2);
    /// How long nothing may be said before it is asked for a sign of life, as of a listener's connection.
    const IDLE: Duration = Duration::from_secs(30);

    /// Connects to nothing yet.
    ///
    /// # Errors
    /// When the URL is none of Redis.
    pub fn new(options: &Options) -> Result<Self, UnusableUrl> {
        // The error would repeat the URL, and its password.
        let unusable = |_| UnusableUrl("it must be redis://… or rediss://…".to_owned());
        let url = options.url.expose_secret();
        let info = url.into_connection_info().map_err(unusable)?.set_tcp_settings(Self::socket());
        let client = Client::open(info.clone()).map_err(unusable)?;
        let timeouts = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(Self::CONNECT))
            .set_response_timeout(Some(Self::SOCKET));
        let manager = Manager::new_with_config(info, timeouts).map_err(unusable)?;
        let mut config = PoolConfig::new(options.connections.max(1));
        config.timeouts =
            Timeouts { wait: Some(Self::CONNECT), create: Some(Self::CONNECT), recycle: Some(Self::CONNECT) };
        let pool = Pool::builder(manager).config(config).runtime(Runtime::Tokio1).build();
        let pool = pool.map_err(|error| UnusableUrl(error.to_string()))?;
        let namespace = options.namespace.as_str().into();
        Ok(Self { pool, client, namespace, patience: Self::PATIENCE, rest: Arc::default() })
    }

    /// With another patience than [`Self::PATIENCE`].
    #[must_use]
    pub fn with_patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// A server that is gone without a word is noticed by these, and not hours later.
    fn socket() -> TcpSettings {
        let keepalive = TcpKeepalive::new().with_time(Self::IDLE).with_interval(Self::SOCKET);
        let settings = TcpSettings::default().set_nodelay(true).set_keepalive(keepalive);
        #[cfg(target_os = "linux")]
        let settings = settings.set_user_timeout(Self::SOCKET);
        settings
    }

    /// Whether it answers and takes what it is given: one that is full answers `PING`, and is of no use.
    ///
    /// # Errors
    /// Why not.
    pub async fn ping(&self) -> Result<(), RedisAway> {
        let mut connection = self.connection().await?;
        let mut set = cmd("SET");
        set.arg(self.key("ping")).arg(1).arg("PX").arg(millis(Self::SOCKET));
        Ok(set.query_async(&mut connection).await?)
    }

    /// The name of a key or channel. The braces keep all of them in one slot of a cluster, as scripts need.
    pub(crate) fn key(&self, name: &str) -> String {
        format!("{{{}}}:{name}", self.namespace)
    }

    pub(crate) async fn connection(&self) -> Result<Connection, RedisAway> {
        self.pool.get().await.map_err(|error| RedisAway(error.to_string()))
    }

    pub(crate) const fn client(&self) -> &Client {
        &self.client
    }

    /// Asks on behalf of a request: it waits as long as its patience lasts, and not at all while Redis has not answered
    /// lately.
    pub(crate) async fn ask<T>(
        &self,
        question: impl AsyncFnOnce(&mut Connection) -> RedisResult<T>,
    ) -> Result<T, RedisAway> {
        if !self.rest().is_over(Instant::now()) {
            return Err(RedisAway("it has not answered lately".to_owned()));
        }
        // A connection that takes longer to be made than a request waits is made all the same, for those to come: over a long
        // way, and with TLS, there would never be one.
        let redis = self.clone();
        let made = tokio::spawn(async move { redis.connection().await });
        let answer = tokio::time::timeout(self.patience, async {
            let mut connection = made.await.map_err(|error| RedisAway(error.to_string()))??;
            question(&mut connection).await.map_err(RedisAway::from)
        });
        let answer = answer
            .await
            .unwrap_or_else(|_| Err(RedisAway(format!("no answer within {} ms", self.patience.as_millis()))));
        match &answer {
            Ok(_) => *self.rest() = Rest::default(),
            Err(_) => self.rest().failed(Instant::now()),
        }
        answer
    }

    fn rest(&self) -> MutexGuard<'_, Rest> {
        self.rest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_failures_it_rests_and_one_call_tries() {
        let (mut rest, mut now) = (Rest::default(), Instant::now());
        let instant = Duration::from_millis(1);
        for pause in [500, 1_000, 2_000, 2_000] {
            assert!(rest.is_over(now));
            rest.failed(now);
            now += Duration::from_millis(pause);
            assert!(!rest.is_over(now.checked_sub(instant).unwrap()), "{pause}");
        }
        assert!(rest.is_over(now));
        assert!(!rest.is_over(now), "the others wait for that one");
    }

    #[test]
    fn commands_are_sent_at_once_and_a_server_that_is_gone_without_a_word_is_noticed() {
        let url = "redis://localhost".to_owned().into();
        let redis = Redis::new(&Options { url, connections: 1, namespace: "rf".to_owned() }).unwrap();
        let socket = redis.client().get_connection_info().tcp_settings();
        assert!(socket.nodelay() && socket.keepalive().is_some());
        #[cfg(target_os = "linux")]
        assert_eq!(socket.user_timeout(), Some(Redis::SOCKET));
    }

    #[test]
    fn an_address_of_something_else_is_refused_without_its_password() {
        let options =
            |url: &str| Options { url: url.to_owned().into(), connections: 1, namespace: "rf".to_owned() };
        for good in ["redis://localhost", "rediss://default:secret@x.upstash.io:6379"] {
            assert!(Redis::new(&options(good)).is_ok(), "{good}");
        }
        let refused = Redis::new(&options("https://default:secret@x.upstash.io")).err().unwrap();
        assert!(!refused.to_string().contains("secret"), "{refused}");
    }
}
