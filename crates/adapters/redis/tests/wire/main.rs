//! What is said to a real Redis, and what becomes of it when that stops, freezes, is full, slow, or starts again empty.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test says what it expects")]

mod board;
mod cache;
mod limits;
mod locks;
mod outages;
mod poison;
mod slow;
mod tls;
mod workers;

use kernel::Quota;
use redis_adapter::{Options, Redis};
use std::{num::NonZeroU32, time::Duration};

/// One process's way to a server, with more patience than a request has: for tests of what it answers, however busy the
/// machine is.
fn redis(server: &servers::Redis) -> Redis {
    hasty(server).with_patience(Duration::from_secs(20))
}

/// The same as the product has it.
fn hasty(server: &servers::Redis) -> Redis {
    reached_at(&server.url)
}

fn reached_at(url: &str) -> Redis {
    let options = Options { url: url.to_owned().into(), connections: 20, namespace: "test".to_owned() };
    Redis::new(&options).unwrap()
}

fn quota(limit: u32) -> Quota {
    Quota::per_minute(NonZeroU32::new(limit).unwrap())
}
