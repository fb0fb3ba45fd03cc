//! Databases for the tests: one that all of them share, and fresh ones for tests of the whole database.

use diesel_async::{AsyncConnection, AsyncPgConnection, SimpleAsyncConnection};
use postgres::{Options, Store};
use std::{net::SocketAddr, time::Duration};
use tokio::sync::OnceCell;

static MIGRATED: OnceCell<()> = OnceCell::const_new();

/// A URL that the test servers' script exports.
#[expect(clippy::disallowed_methods, reason = "tests get their servers from the environment")]
pub(crate) fn url(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set: run the tests with `make test`"))
}

/// The same URL with another database.
pub(crate) fn with_database(url: &str, database: &str) -> String {
    let (base, _) = url.rsplit_once('/').unwrap();
    format!("{base}/{database}")
}

/// Where the server of this URL listens.
pub(crate) fn address(url: &str) -> SocketAddr {
    let (_, rest) = url.split_once('@').unwrap();
    rest.split_once('/').unwrap().0.parse().unwrap()
}

pub(crate) fn options(app_url: String, system_url: String, pool_size: usize) -> Options {
    Options { app_url, system_url, pool_size, wait: Duration::from_secs(20), assume_roles: false }
}

pub(crate) async fn shared() -> Store {
    shared_with(8, "").await
}

/// Brings the shared database up to date, once.
async fn migrated() {
    let migrate = || async { postgres::migrate(&url("TEST_POSTGRES_OWNER_URL")).await.map(drop).unwrap() };
    MIGRATED.get_or_init(migrate).await;
}

/// The shared database through a pool of its own; `suffix` goes to the URLs' parameters.
pub(crate) async fn shared_with(pool_size: usize, suffix: &str) -> Store {
    migrated().await;
    let urls =
        ["TEST_POSTGRES_APP_URL", "TEST_POSTGRES_SYSTEM_URL"].map(|name| format!("{}{suffix}", url(name)));
    let [app, system] = urls;
    postgres::open(&options(app, system, pool_size))
}

/// A database of its own, migrated.
pub(crate) async fn fresh() -> Store {
    open(&fresh_database().await)
}

/// The name of a database of its own, migrated.
#[expect(clippy::disallowed_methods, reason = "a name that no other test run has")]
pub(crate) async fn fresh_database() -> String {
    // The first migration of a server also makes the owner a member of both roles, which two can't do at once.
    migrated().await;
    let name = format!("fresh_{}", uuid::Uuid::now_v7().simple());
    let owner = url("TEST_POSTGRES_OWNER_URL");
    let mut conn = AsyncPgConnection::establish(&owner).await.unwrap();
    conn.batch_execute(&format!("create database {name}")).await.unwrap();
    postgres::migrate(&with_database(&owner, &name)).await.unwrap();
    name
}

pub(crate) fn open(database: &str) -> Store {
    let urls =
        ["TEST_POSTGRES_APP_URL", "TEST_POSTGRES_SYSTEM_URL"].map(|var| with_database(&url(var), database));
    let [app, system] = urls;
    postgres::open(&options(app, system, 4))
}
