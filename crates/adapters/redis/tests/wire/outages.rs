//! The bus and the limits, and what becomes of them when Redis stops, freezes, is full, or starts again empty.

use crate::{hasty, quota, redis};
use futures_util::future::join_all;
use kernel::{
    Allowance, Bus, Event, RateLimiter, StreamId, WorkspaceId,
    testing::{published, published_again},
};
use local::LiveStreams;
use redis_adapter::{RedisBus, SharedLimiter, listen};
use serde_json::{Value, json};
use servers::{Redis as Server, until};
use std::time::Duration;
use tokio::time::Instant;
use uuid::Uuid;

pub(crate) const AT_ONCE: Duration = Duration::ZERO;

fn workspace(number: u128) -> WorkspaceId {
    Uuid::from_u128(number << 64).into()
}

pub(crate) fn facts(of: u128, numbers: std::ops::RangeInclusive<i64>) -> Vec<Event> {
    numbers.map(|number| published(workspace(of), number)).collect()
}

/// What the worker gets for the consumer; settled.
pub(crate) async fn take(bus: &RedisBus, consumer: &str, worker: &str, most: usize) -> Vec<i64> {
    let deliveries = bus.receive(consumer, worker, most, AT_ONCE).await.unwrap();
    bus.settle(consumer, &deliveries).await.unwrap();
    deliveries.iter().map(|delivery| delivery.event.number).collect()
}

#[tokio::test]
async fn of_parallel_calls_in_two_processes_no_more_pass_than_there_are_tokens() {
    let server = Server::start();
    let processes = [SharedLimiter::new(redis(&server)), SharedLimiter::new(redis(&server))];
    let calls = (0..50).map(|call| processes[call % 2].take("a", quota(10)));
    let answers: Vec<_> = join_all(calls).await.into_iter().map(Result::unwrap).collect();
    let (passed, refused): (Vec<Allowance>, Vec<Allowance>) =
        answers.into_iter().partition(|answer| answer.is_allowed);
    assert_eq!((passed.len(), refused.len()), (10, 40));
    let mut remaining: Vec<u32> = passed.iter().map(|answer| answer.remaining).collect();
    remaining.sort_unstable();
    assert_eq!(remaining, (0..10).collect::<Vec<_>>());
    for answer in refused {
        let waits = answer.retry_after;
        assert!(waits > Duration::ZERO && waits <= Duration::from_secs(6), "{answer:?}");
        assert!(answer.full_after > Duration::from_secs(50), "{answer:?}");
    }
    assert!(processes[0].take("b", quota(10)).await.unwrap().is_allowed, "another's bucket is another");
}

#[tokio::test]
async fn each_consumer_gets_each_fact_once_and_in_order_and_its_workers_share_them() {
    let server = Server::start();
    let (one, other) = (RedisBus::new(redis(&server)), RedisBus::new(redis(&server)));
    one.publish(&facts(1, 1..=3)).await.unwrap();
    for relay in [&one, &other] {
        relay.publish(&facts(1, 2..=5)).await.unwrap();
        relay.publish(&facts(1, 1..=2)).await.unwrap();
    }
    assert_eq!(one.waiting("a").await, Ok(0), "who has never asked has no place on the bus yet");
    assert_eq!(take(&one, "a", "w1", 2).await, [1, 2]);
    assert_eq!(one.waiting("a").await, Ok(3));
    assert_eq!(take(&other, "a", "w2", 2).await, [3, 4]);
    assert_eq!(take(&one, "a", "w1", 2).await, [5]);
    assert!(take(&one, "a", "w1", 2).await.is_empty());
    let delivery = other.receive("b", "w1", 1, AT_ONCE).await.unwrap().remove(0);
    assert_eq!(delivery.event, facts(1, 1..=1)[0], "the envelope comes back whole");
    assert_eq!(other.waiting("b").await, Ok(5), "what is not settled counts");
    assert_eq!(take(&other, "b", "w1", 10).await, [2, 3, 4, 5]);
}

#[tokio::test]
async fn what_was_published_lately_is_not_appended_again() {
    let server = Server::start();
    let bus = RedisBus::new(redis(&server));
    assert_eq!(published_again(&bus, workspace(1)).await, Ok(vec![1, 2, 3, 4, 5]));
}

/// Processes of two versions share the bus while one takes the other's place.
#[tokio::test]
async fn an_entry_of_the_bus_is_an_envelope_under_this_name() {
    let server = Server::start();
    RedisBus::new(redis(&server)).publish(&facts(1, 2..=2)).await.unwrap();
    let entries: Vec<(String, Vec<String>)> = server.send("XRANGE {test}:facts - +").await;
    let (name, envelope) = (&entries[0].1[0], &entries[0].1[1]);
    let workspace = "00000000-0000-0001-0000-000000000000";
    let fact = json!({"id": "00000000-0000-0001-0000-000000000002", "event_type": "thing.happened", "version": 1,
        "workspace_id": workspace, "user_id": null, "number": 2, "actor": {"kind": "system"},
        "subject_kind": "thing", "subject_id": Uuid::nil(), "correlation_id": workspace, "causation_id": null,
        "payload": {"n": 2}, "timestamp": "2026-03-02T09:00:00Z"});
    assert_eq!((entries.len(), entries[0].1.len(), name.as_str()), (1, 2, "event"));
    assert_eq!(serde_json::from_str::<Value>(envelope).unwrap(), fact);
}

#[tokio::test]
async fn whoever_waits_gets_what_comes() {
    let server = Server::start();
    let (bus, other) = (RedisBus::new(redis(&server)), RedisBus::new(redis(&server)));
    assert!(bus.receive("a", "w", 10, Duration::from_millis(1)).await.unwrap().is_empty());
    let events = facts(1, 1..=1);
    let (got, sent) = tokio::join!(bus.receive("a", "w", 10, Duration::from_secs(4)), other.publish(&events));
    sent.unwrap();
    assert_eq!(got.unwrap().len(), 1);
}

#[tokio::test]
async fn the_stream_is_bounded() {
    let server = Server::start();
    let bus = RedisBus::new(redis(&server));
    for batch in 0..105 {
        bus.publish(&facts(1, batch * 100 + 1..=batch * 100 + 100)).await.unwrap();
    }
    let length: u64 = server.send("XLEN {test}:facts").await;
    assert!((10_000..10_200).contains(&length), "{length}");
}

#[tokio::test]
async fn after_a_restart_without_its_data_everything_goes_on() {
    let server = Server::start();
    let (bus, limiter) = (RedisBus::new(redis(&server)), SharedLimiter::new(redis(&server)));
    bus.publish(&facts(1, 1..=3)).await.unwrap();
    assert_eq!(take(&bus, "a", "w", 1).await, [1]);
    assert!(limiter.take("a", quota(1)).await.unwrap().is_allowed);
    server.restart_empty().await;
    until(async || bus.publish(&facts(1, 4..=4)).await.is_ok()).await;
    assert_eq!(take(&bus, "a", "w", 10).await, [4], "what was lost is in the store");
    until(async || limiter.take("a", quota(1)).await.is_ok_and(|answer| answer.is_allowed)).await;
}

#[tokio::test]
async fn while_redis_is_frozen_a_request_hardly_waits_and_afterwards_it_is_asked_again() {
    let server = Server::start();
    let limiter = SharedLimiter::new(hasty(&server));
    until(async || limiter.take("a", quota(10)).await.is_ok()).await;
    let _: String = server.send("CLIENT PAUSE 3000 ALL").await;
    let began = Instant::now();
    for _ in 0..1_000 {
        assert!(limiter.take("a", quota(10)).await.is_err());
    }
    let waited = began.elapsed();
    assert!(waited < Duration::from_secs(2), "a thousand calls waited {waited:?} together");
    until(async || limiter.take("a", quota(10)).await.is_ok()).await;
}

#[tokio::test]
async fn while_redis_is_full_facts_are_refused_and_limits_can_not_be_asked() {
    let server = Server::start();
    let (bus, limiter) = (RedisBus::new(redis(&server)), SharedLimiter::new(redis(&server)));
    redis(&server).ping().await.unwrap();
    let _: String = server.send("CONFIG SET maxmemory 1").await;
    let refused = bus.publish(&facts(1, 1..=1)).await.unwrap_err();
    assert!(refused.to_string().contains("OOM"), "{refused}");
    assert!(redis(&server).ping().await.unwrap_err().to_string().contains("OOM"), "whoever checks is told");
    assert!(limiter.take("a", quota(10)).await.is_err());
    let _: String = server.send("CONFIG SET maxmemory 0").await;
    bus.publish(&facts(1, 1..=1)).await.unwrap();
    assert_eq!(take(&bus, "a", "w", 10).await, [1]);
    until(async || limiter.take("a", quota(10)).await.is_ok()).await;
}

#[tokio::test]
async fn a_redis_that_is_gone_is_away_and_says_so() {
    let mut server = Server::start();
    let (redis, bus) = (redis(&server), RedisBus::new(redis(&server)));
    redis.ping().await.unwrap();
    server.stop();
    assert!(redis.ping().await.is_err());
    assert!(bus.publish(&facts(1, 1..=1)).await.is_err());
    assert!(bus.receive("a", "w", 10, AT_ONCE).await.is_err());
    assert!(SharedLimiter::new(redis).take("a", quota(1)).await.is_err());
}

#[tokio::test]
async fn those_who_follow_hear_of_what_other_processes_publish_after_a_cut_too() {
    let server = Server::start();
    let (live, redis, bus) = (LiveStreams::new(), redis(&server), RedisBus::new(redis(&server)));
    let mut follower = live.follow(StreamId::from(workspace(1)));
    let followers = live.clone();
    let listening = tokio::spawn(async move { listen(&redis, followers.as_ref()).await });
    until(async || live.hears_all()).await;
    follower.grown().await;
    for numbers in [1..=2, 3..=3] {
        bus.publish(&facts(2, numbers.clone())).await.unwrap();
        bus.publish(&facts(1, numbers)).await.unwrap();
        let grown = tokio::time::timeout(Duration::from_secs(10), follower.grown()).await;
        grown.expect("nothing was heard");
        let _: u64 = server.send("CLIENT KILL TYPE pubsub").await;
        // It says so when it hears no more, and again when it does.
        for hears in [false, true] {
            until(async || live.hears_all() == hears).await;
            follower.grown().await;
        }
    }
    listening.abort();
}
