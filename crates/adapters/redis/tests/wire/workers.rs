//! Names of workers in Redis: each start of one has another.

use crate::{
    outages::{AT_ONCE, facts, take},
    redis,
};
use deadpool_redis::redis::Value;
use kernel::Bus;
use redis_adapter::RedisBus;
use servers::Redis as Server;
use std::{collections::HashMap, time::Duration};

/// Those that Redis knows of the consumer `a`.
async fn known(server: &Server) -> Vec<String> {
    let workers: Vec<HashMap<String, Value>> = server.send("XINFO CONSUMERS {test}:facts a").await;
    let name = |worker: HashMap<String, Value>| match &worker["name"] {
        Value::BulkString(name) => String::from_utf8(name.clone()).unwrap(),
        other => panic!("{other:?} is no name"),
    };
    workers.into_iter().map(name).collect()
}

/// A Redis that knows the worker `idle`, which has settled what it had, and `left`, which has not.
async fn two_workers() -> Server {
    let server = Server::start();
    let bus = RedisBus::new(redis(&server));
    bus.publish(&facts(1, 1..=3)).await.unwrap();
    assert_eq!(take(&bus, "a", "idle", 1).await, [1]);
    assert_eq!(bus.receive("a", "left", 1, AT_ONCE).await.unwrap().len(), 1);
    server
}

#[tokio::test]
async fn a_worker_that_is_gone_is_forgotten_unless_it_has_left_something() {
    let server = two_workers().await;
    let bus = RedisBus::new(redis(&server)).forgetting_after(Duration::ZERO);
    assert_eq!(take(&bus, "a", "new", 10).await, [3]);
    assert_eq!(known(&server).await, ["left", "new"]);
    assert_eq!(bus.waiting("a").await, Ok(1), "what was left is there to be taken over");
}

#[tokio::test]
async fn a_worker_that_has_nothing_to_do_is_remembered_for_an_hour() {
    let server = two_workers().await;
    assert_eq!(take(&RedisBus::new(redis(&server)), "a", "new", 10).await, [3]);
    assert_eq!(known(&server).await, ["idle", "left", "new"]);
}
