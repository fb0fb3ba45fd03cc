//! The bus of all processes.

mod stale;

use crate::{Redis, RedisAway, connection::millis};
use async_trait::async_trait;
use deadpool_redis::{
    Connection,
    redis::{RedisError, RedisResult, Script, Value, cmd},
};
use kernel::{Bus, BusAway, Delivery, Event};
use stale::{GONE, Stale};
use std::{collections::HashMap, time::Duration};

/// One stream in Redis; each consumer is a consumer group of it, and each worker a consumer of that group.
///
/// The stream keeps about ten thousand entries: what is older is had from the store by a consumer that is so far behind.
/// Entries that are no facts, and those that were delivered five times in vain, go to a dead-letter stream, `dead`, with
/// the reason.
#[derive(Clone)]
pub struct RedisBus {
    redis: Redis,
    publish: Script,
    stale: Stale,
    forget: Script,
    gone: Duration,
}

/// How many entries the stream keeps.
const MOST: usize = 10_000;
/// How long the last number of a stream of facts is remembered, in seconds. A relay that publishes something as old
/// again doubles a delivery, which is no harm.
const REMEMBERED: u64 = 24 * 60 * 60;
/// How many entries of poison are kept.
const DEAD: usize = 1_000;

/// Its names and values are bytes: whoever writes poison on the bus need not write text.
type Entry = (String, HashMap<Vec<u8>, Vec<u8>>);
/// What Redis tells of a consumer group.
type Group = HashMap<String, Value>;

fn is(value: &Value, text: &str) -> bool {
    matches!(value, Value::BulkString(bytes) if bytes == text.as_bytes())
}

/// `None` when Redis does not know, as of the lag of a group whose entries were deleted.
fn number(value: &Value) -> Option<u64> {
    if let Value::Int(number) = value { u64::try_from(*number).ok() } else { None }
}

impl From<RedisAway> for BusAway {
    fn from(away: RedisAway) -> Self {
        Self(away.to_string())
    }
}

fn away(error: RedisError) -> BusAway {
    RedisAway::from(error).into()
}

impl RedisBus {
    /// The bus of this Redis.
    #[must_use]
    pub fn new(redis: Redis) -> Self {
        let publish = Script::new(include_str!("publish.lua"));
        let forget = Script::new(include_str!("forget.lua"));
        Self { redis, publish, stale: Stale::default(), forget, gone: GONE }
    }

    /// With another time after which a worker that has nothing is forgotten than an hour.
    #[must_use]
    pub const fn forgetting_after(mut self, gone: Duration) -> Self {
        self.gone = gone;
        self
    }

    fn facts(&self) -> String {
        self.redis.key("facts")
    }

    /// Entries that nobody of the group has yet. The group is made at its first call: it begins with what there is.
    async fn fresh(
        &self,
        connection: &mut Connection,
        (consumer, worker): (&str, &str),
        most: usize,
        wait: Duration,
    ) -> RedisResult<Vec<Entry>> {
        let mut read = cmd("XREADGROUP");
        read.arg("GROUP").arg(consumer).arg(worker).arg("COUNT").arg(most);
        if !wait.is_zero() {
            read.arg("BLOCK").arg(millis(wait));
        }
        read.arg("STREAMS").arg(self.facts()).arg(">");
        let mut answer = read.query_async::<Option<Vec<(String, Vec<Entry>)>>>(connection).await;
        if answer.as_ref().is_err_and(|error| error.code() == Some("NOGROUP")) {
            self.make_group(connection, consumer).await?;
            answer = read.query_async(connection).await;
        }
        Ok(answer?.unwrap_or_default().into_iter().flat_map(|(_, entries)| entries).collect())
    }

    async fn make_group(&self, connection: &mut Connection, consumer: &str) -> RedisResult<()> {
        let mut make = cmd("XGROUP");
        make.arg("CREATE").arg(self.facts()).arg(consumer).arg("0").arg("MKSTREAM");
        match make.query_async::<()>(connection).await {
            Err(error) if error.code() == Some("BUSYGROUP") => Ok(()),
            made => made,
        }
    }

    /// The facts in these entries. What is none is put aside.
    async fn deliveries(
        &self,
        connection: &mut Connection,
        consumer: &str,
        entries: Vec<Entry>,
    ) -> RedisResult<Vec<Delivery>> {
        let mut deliveries = Vec::with_capacity(entries.len());
        for (entry, fields) in entries {
            let envelope = fields.get(b"event".as_slice()).map(Vec::as_slice).unwrap_or_default();
            match serde_json::from_slice::<Event>(envelope) {
                Ok(event) => deliveries.push(Delivery { entry, event }),
                Err(error) => {
                    let reason = format!("it is no fact: {error}");
                    self.put_aside(connection, consumer, &(entry, fields), &reason).await?;
                }
            }
        }
        Ok(deliveries)
    }

    /// Moves an entry to the dead-letter stream, as far as this consumer is concerned.
    async fn put_aside(
        &self,
        connection: &mut Connection,
        consumer: &str,
        (entry, fields): &Entry,
        reason: &str,
    ) -> RedisResult<()> {
        tracing::error!(bus.entry = entry, consumer, reason, "an entry of the bus is put aside");
        let mut add = cmd("XADD");
        add.arg(self.redis.key("dead")).arg("MAXLEN").arg("~").arg(DEAD).arg("*");
        add.arg("consumer").arg(consumer).arg("entry").arg(entry).arg("reason").arg(reason);
        for (name, value) in fields {
            add.arg([b"of ", name.as_slice()].concat()).arg(value);
        }
        add.query_async::<()>(connection).await?;
        cmd("XACK").arg(self.facts()).arg(consumer).arg(entry).query_async::<()>(connection).await
    }
}

#[async_trait]
impl Bus for RedisBus {
    async fn publish(&self, events: &[Event]) -> Result<(), BusAway> {
        let mut call = self.publish.prepare_invoke();
        call.key(self.facts());
        call.arg(MOST).arg(REMEMBERED).arg(self.redis.key("live"));
        for event in events {
            let envelope = serde_json::to_string(event).map_err(|error| BusAway(error.to_string()))?;
            let stream = event.stream().to_string();
            call.key(self.redis.key(&format!("last:{stream}"))).arg(stream).arg(event.number).arg(envelope);
        }
        let mut connection = self.redis.connection().await?;
        call.invoke_async::<()>(&mut connection).await.map_err(away)
    }

    async fn receive(
        &self,
        consumer: &str,
        worker: &str,
        most: usize,
        wait: Duration,
    ) -> Result<Vec<Delivery>, BusAway> {
        let mut connection = self.redis.connection().await?;
        let mut entries = self.take_over(&mut connection, (consumer, worker), most).await.map_err(away)?;
        if entries.is_empty() {
            entries = self.fresh(&mut connection, (consumer, worker), most, wait).await.map_err(away)?;
        }
        self.deliveries(&mut connection, consumer, entries).await.map_err(away)
    }

    async fn waiting(&self, consumer: &str) -> Result<u64, BusAway> {
        let mut connection = self.redis.connection().await?;
        let asked =
            cmd("XINFO").arg("GROUPS").arg(self.facts()).query_async::<Vec<Group>>(&mut connection).await;
        let groups = match asked {
            // Nothing was ever published.
            Err(error) if error.code() == Some("ERR") && error.detail() == Some("no such key") => {
                return Ok(0);
            }
            asked => asked.map_err(away)?,
        };
        let group = groups.into_iter().find(|group| group.get("name").is_some_and(|name| is(name, consumer)));
        let count = |name| group.as_ref().and_then(|group| number(group.get(name)?)).unwrap_or(0);
        Ok(count("pending").saturating_add(count("lag")))
    }

    async fn count_dead(&self) -> Result<u64, BusAway> {
        let mut connection = self.redis.connection().await?;
        cmd("XLEN").arg(self.redis.key("dead")).query_async(&mut connection).await.map_err(away)
    }

    async fn settle(&self, consumer: &str, deliveries: &[Delivery]) -> Result<(), BusAway> {
        if deliveries.is_empty() {
            return Ok(());
        }
        let mut acknowledge = cmd("XACK");
        acknowledge.arg(self.facts()).arg(consumer);
        for delivery in deliveries {
            acknowledge.arg(&delivery.entry);
        }
        let mut connection = self.redis.connection().await?;
        acknowledge.query_async::<()>(&mut connection).await.map_err(away)
    }
}
