//! Servers that a test has to itself, and ways to make them fail.
//!
//! - [`Postgres`]: one that may crash and come back.
//! - [`Redis`]: one that may be stopped, frozen, filled and emptied.
//! - [`Proxy`]: between a program and a server: slow, stalled, cut, led elsewhere; with TLS if need be.
//! - [`Authority`]: certificates for servers that a test makes trusted, or not.
//! - [`until`]: waits for a condition, with a deadline.

mod postgres;
mod proxy;
mod redis;
mod script;
mod tls;

pub use postgres::Postgres;
pub use proxy::Proxy;
pub use redis::Redis;
pub use tls::{Acceptor, Authority};

use std::time::Duration;

/// Tries until it succeeds, for half a minute.
pub async fn until(mut holds: impl AsyncFnMut() -> bool) {
    let mut again = tokio::time::interval(Duration::from_millis(20));
    let tried = tokio::time::timeout(Duration::from_secs(30), async {
        while !holds().await {
            again.tick().await;
        }
    });
    tried.await.expect("it never came to be");
}
