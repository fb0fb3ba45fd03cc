//! A Redis at the end of a slow way.

use crate::{hasty, quota, reached_at};
use kernel::{Bus, RateLimiter, testing::published};
use redis_adapter::{RedisBus, SharedLimiter};
use servers::{Proxy, Redis as Server, until};
use std::time::Duration;
use tokio::time::Instant;
use uuid::Uuid;

const SLOW: Duration = Duration::from_secs(3);

#[tokio::test]
async fn while_the_way_is_slow_stalled_or_cut_a_request_hardly_waits_and_afterwards_it_is_asked_again() {
    let server = Server::start();
    let proxy = Proxy::before(server.address()).await;
    let limiter = SharedLimiter::new(reached_at(&format!("redis://{}", proxy.address)));
    until(async || limiter.take("a", quota(1_000)).await.is_ok()).await;
    let disturb: [fn(&Proxy); 2] = [|proxy| proxy.slow(SLOW), Proxy::stall];
    for disturb in disturb {
        disturb(&proxy);
        let (asked, began) = (proxy.heard(), Instant::now());
        assert!(limiter.take("a", quota(1_000)).await.is_err());
        let waited = began.elapsed();
        assert!(waited < SLOW / 3, "one call waited {waited:?}");
        asked.await;
        for _ in 0..100 {
            assert!(limiter.take("a", quota(1_000)).await.is_err());
        }
        let waited = began.elapsed();
        assert!(waited < SLOW / 2, "a hundred calls waited {waited:?} together");
        proxy.go_on();
        until(async || limiter.take("a", quota(1_000)).await.is_ok()).await;
    }
    proxy.cut();
    until(async || limiter.take("a", quota(1_000)).await.is_ok()).await;
}

#[tokio::test]
async fn the_bus_waits_for_a_slow_way_and_goes_on_over_another_one() {
    let (first, second) = (Server::start(), Server::start());
    let proxy = Proxy::before(first.address()).await;
    let bus = RedisBus::new(reached_at(&format!("redis://{}", proxy.address)));
    let fact = |number| [published(Uuid::from_u128(1).into(), number)];
    bus.publish(&fact(1)).await.unwrap();
    // Slower than an answer may be: whether it got through is not known, and it is published again.
    proxy.slow(SLOW);
    assert!(bus.publish(&fact(2)).await.is_err());
    proxy.go_on();
    until(async || bus.publish(&fact(2)).await.is_ok()).await;
    let length: u64 = first.send("XLEN {test}:facts").await;
    assert_eq!(length, 2, "each fact is there once");
    // Another one takes over, with nothing in it.
    proxy.lead_to(second.address());
    until(async || bus.publish(&fact(3)).await.is_ok()).await;
    let length: u64 = second.send("XLEN {test}:facts").await;
    assert_eq!(length, 1);
}

/// The numbers of the connections that are open, without the one that asks for them.
async fn connections(server: &Server) -> Vec<String> {
    let listed: String = server.send("CLIENT LIST").await;
    let others = listed.lines().filter(|line| !line.contains("cmd=client|list"));
    others.map(|line| line.split(' ').next().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_connection_that_takes_longer_than_a_request_waits_is_made_for_those_to_come() {
    let server = Server::start();
    let redis = hasty(&server);
    let hurried = SharedLimiter::new(redis.clone().with_patience(Duration::ZERO));
    assert!(hurried.take("a", quota(1)).await.is_err());
    let mut made = Vec::new();
    until(async || {
        made = connections(&server).await;
        made.len() == 1
    })
    .await;
    let limiter = SharedLimiter::new(redis.with_patience(Duration::from_secs(20)));
    until(async || limiter.take("a", quota(1)).await.is_ok()).await;
    assert_eq!(connections(&server).await, made, "it needed no other one");
}
