//! What a worker has left on the bus, and what is no fact: neither stops the others.

use crate::{
    outages::{AT_ONCE, facts, take},
    redis,
};
use deadpool_redis::redis::Value;
use kernel::Bus;
use redis_adapter::RedisBus;
use servers::Redis as Server;
use std::collections::HashMap;

/// Those of an entry, by their names.
type Fields = HashMap<Vec<u8>, Vec<u8>>;

/// As if the worker `dead` had got the entry a minute and a second ago: Redis counts from the last delivery.
async fn age(server: &Server, entry: &str, deliveries: u32) {
    let claim = format!("XCLAIM {{test}}:facts a dead 0 {entry} IDLE 61000 RETRYCOUNT {deliveries} JUSTID");
    let aged: Vec<String> = server.send(&claim).await;
    assert_eq!(aged, [entry]);
}

/// The entries that workers of `a` have and have not settled.
async fn pending(server: &Server) -> Vec<String> {
    let pending: Vec<(String, String, u64, u64)> = server.send("XPENDING {test}:facts a - + 10").await;
    pending.into_iter().map(|(entry, ..)| entry).collect()
}

/// Puts an entry on the bus whose name and value are no text; answers its id.
async fn put_no_text(server: &Server) -> String {
    let add = r"return(redis.call('XADD',KEYS[1],'*','event','\255','\254','\253'))";
    server.send(&format!("EVAL {add} 1 {{test}}:facts")).await
}

/// The entries that were put aside.
async fn dead(server: &Server) -> Vec<Fields> {
    let dead: Vec<(String, Fields)> = server.send("XRANGE {test}:dead - +").await;
    dead.into_iter().map(|(_, fields)| fields).collect()
}

fn is_put_aside_whole(fields: &Fields, entry: &str) -> bool {
    let field = |name: &[u8]| fields.get(name).map(Vec::as_slice).unwrap_or_default();
    let reason = String::from_utf8_lossy(field(b"reason"));
    let is_whole = field(b"of event") == [255] && field(b"of \xfe") == [253];
    field(b"entry") == entry.as_bytes() && reason.starts_with("it is no fact") && is_whole
}

#[tokio::test]
async fn an_entry_that_is_no_text_is_put_aside_and_the_others_of_its_batch_arrive() {
    let server = Server::start();
    let bus = RedisBus::new(redis(&server));
    bus.publish(&facts(1, 1..=1)).await.unwrap();
    let entry = put_no_text(&server).await;
    bus.publish(&facts(1, 2..=2)).await.unwrap();
    assert_eq!(take(&bus, "a", "w", 10).await, [1, 2]);
    let dead = dead(&server).await;
    assert!(dead.len() == 1 && is_put_aside_whole(&dead[0], &entry), "{dead:?}");
    assert!(pending(&server).await.is_empty());
}

#[tokio::test]
async fn an_entry_that_is_no_text_and_was_left_is_put_aside_by_whoever_takes_over() {
    let server = Server::start();
    let bus = RedisBus::new(redis(&server));
    bus.publish(&facts(1, 1..=1)).await.unwrap();
    let entries = [put_no_text(&server).await, put_no_text(&server).await];
    bus.publish(&facts(1, 2..=2)).await.unwrap();
    let _: String = server.send("XGROUP CREATE {test}:facts a 0").await;
    let _: Value = server.send("XREADGROUP GROUP a dead STREAMS {test}:facts >").await;
    for entry in pending(&server).await {
        // One of them was delivered in vain as often as anything is.
        age(&server, &entry, if entry == entries[1] { 5 } else { 1 }).await;
    }
    assert_eq!(take(&bus, "a", "w", 10).await, [1, 2]);
    assert_eq!(bus.count_dead().await.unwrap(), 2);
    let dead = dead(&server).await;
    assert!(dead.iter().any(|fields| is_put_aside_whole(fields, &entries[0])), "{dead:?}");
    assert!(pending(&server).await.is_empty());
}

#[tokio::test]
async fn what_a_worker_left_is_another_s_after_a_while_and_poison_after_five_times() {
    let server = Server::start();
    let bus = RedisBus::new(redis(&server));
    bus.publish(&facts(1, 1..=2)).await.unwrap();
    let left = bus.receive("a", "dead", 10, AT_ONCE).await.unwrap();
    age(&server, &left[0].entry, 1).await;
    age(&server, &left[1].entry, 5).await;
    assert!(take(&bus, "a", "w", 10).await.is_empty(), "it looks four times a minute");
    let fresh = RedisBus::new(redis(&server));
    assert_eq!(take(&fresh, "a", "w", 10).await, [1]);
    assert_eq!(fresh.count_dead().await.unwrap(), 1);
    assert!(pending(&server).await.is_empty());
}

#[tokio::test]
async fn what_is_no_fact_is_put_aside_with_its_reason_and_stops_nothing() {
    let server = Server::start();
    let bus = RedisBus::new(redis(&server));
    for poison in ["event {}", "event \u{fffd}", "something else"] {
        let _: String = server.send(&format!("XADD {{test}}:facts * {poison}")).await;
    }
    bus.publish(&facts(1, 1..=1)).await.unwrap();
    assert_eq!(take(&bus, "a", "w", 10).await, [1]);
    assert_eq!(bus.count_dead().await.unwrap(), 3);
    let dead: Vec<(String, Vec<String>)> = server.send("XRANGE {test}:dead - + COUNT 1").await;
    let words = dead[0].1.join(" ");
    assert!(words.starts_with("consumer a entry") && words.contains("it is no fact"), "{words}");
    assert!(take(&bus, "a", "w", 10).await.is_empty());
}
