use crate::Redis;
use deadpool_redis::redis::RedisResult;
use futures_util::StreamExt;
use kernel::{Followers, StreamId, rest_after};
use std::convert::Infallible;

#[expect(clippy::disallowed_methods, reason = "the pause between attempts has nothing to wait for")]
/// Tells `followers` what is published on the bus, by whatever process, until it is dropped. While Redis is away they
/// know that they hear nothing.
pub async fn listen(redis: &Redis, followers: &dyn Followers) -> Infallible {
    let mut failures = 0_u32;
    loop {
        let ended = hear(redis, followers, &mut failures).await;
        followers.hears(false);
        let why = ended.err().map_or_else(|| "the connection ended".to_owned(), |error| error.to_string());
        if failures == 0 {
            tracing::warn!(
                error = why,
                "what is published is not heard of; streams are looked at by themselves"
            );
        }
        failures = failures.saturating_add(1);
        tokio::time::sleep(rest_after(failures)).await;
    }
}

async fn hear(redis: &Redis, followers: &dyn Followers, failures: &mut u32) -> RedisResult<()> {
    let connect = async {
        let mut connection = redis.client().get_async_pubsub().await?;
        connection.subscribe(redis.key("live")).await?;
        Ok(connection)
    };
    let connection: RedisResult<_> = tokio::time::timeout(Redis::SOCKET, connect)
        .await
        .unwrap_or_else(|_| Err(std::io::Error::from(std::io::ErrorKind::TimedOut).into()));
    let mut messages = connection?.into_on_message();
    *failures = 0;
    followers.hears(true);
    while let Some(message) = messages.next().await {
        match message.get_payload::<String>()?.split_once(' ').map(parse) {
            Some(Some((stream, number))) => followers.published(stream, number),
            _ => tracing::warn!("a message on the channel of what is published can't be read"),
        }
    }
    Ok(())
}

fn parse((stream, number): (&str, &str)) -> Option<(StreamId, i64)> {
    Some((stream.parse().ok()?, number.parse().ok()?))
}
