//! Hearing of the commits of other processes, also after the connection was lost, and never by a connection that
//! passes nothing on.

use crate::support::{self, url, with_database};
use conformance::{Stores, block_on};
use diesel_async::{AsyncConnection, AsyncPgConnection, SimpleAsyncConnection};
use kernel::{NewEvent, NewJob, Revocations, StoreResult, SystemScope, Wake, testing::call_by};
use postgres::Bell;
use serde_json::json;
use std::{sync::Arc, time::Duration};
use tokio::sync::mpsc;
use uuid::Uuid;

#[derive(Debug, PartialEq)]
enum Heard {
    Changed(Uuid),
    All(bool),
    Work,
}

/// What was heard, in order.
struct Heards(mpsc::UnboundedSender<Heard>);

impl Revocations for Heards {
    fn changing(&self, _: &[Uuid]) {}

    fn changed(&self, subjects: &[Uuid]) {
        for subject in subjects {
            self.0.send(Heard::Changed(*subject)).unwrap();
        }
    }

    fn hears(&self, all: bool) {
        self.0.send(Heard::All(all)).unwrap();
    }
}

/// The worker of a process.
struct Woken(mpsc::UnboundedSender<Heard>);

impl Wake for Woken {
    fn wake(&self) {
        self.0.send(Heard::Work).unwrap();
    }
}

/// Listens at one database, as a process whose pool is at another (or the same) one.
struct Ears {
    heard: mpsc::UnboundedReceiver<Heard>,
    listening: tokio::task::JoinHandle<std::convert::Infallible>,
}

impl Drop for Ears {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

impl Ears {
    fn at(database: &str, pool_at: &str) -> Self {
        let (sender, heard) = mpsc::unbounded_channel();
        let (store, url) =
            (support::open(pool_at), with_database(&url("TEST_POSTGRES_SYSTEM_URL"), database));
        let bell = Bell::new(Arc::new(Woken(sender.clone())));
        let listening =
            tokio::spawn(async move { postgres::listen(&store, &url, &Heards(sender), &bell).await });
        Self { heard, listening }
    }

    async fn next(&mut self) -> Heard {
        let next = tokio::time::timeout(Duration::from_secs(20), self.heard.recv()).await;
        next.unwrap().unwrap()
    }
}

/// Another process commits a fact about a person.
async fn tell(stores: &Stores) -> Uuid {
    let user = stores.env.id::<kernel::UserId>();
    let fact = NewEvent::new(&stores.env, &call_by(user), "test.told", ("user", user.uuid()), json!({}));
    let told: StoreResult<()> = stores
        .identity
        .run(&SystemScope::for_authentication(), async |tx| tx.events().append(fact.about_user(user)).await)
        .await;
    told.unwrap();
    user.uuid()
}

#[test]
fn another_processs_commits_are_heard_also_after_the_connection_was_lost() {
    block_on(async {
        let database = support::fresh_database().await;
        let other = Stores::of(support::open(&database));
        let mut ears = Ears::at(&database, &database);
        assert_eq!(ears.next().await, Heard::All(true));
        let (first, second) = (tell(&other).await, tell(&other).await);
        assert_eq!([ears.next().await, ears.next().await], [first, second].map(Heard::Changed));

        let owner = with_database(&url("TEST_POSTGRES_OWNER_URL"), &database);
        let mut owner = AsyncPgConnection::establish(&owner).await.unwrap();
        let end = "do $$ begin perform pg_terminate_backend(pid) from pg_stat_activity
            where datname = current_database() and pid <> pg_backend_pid(); end $$";
        owner.batch_execute(end).await.unwrap();
        assert_eq!(ears.next().await, Heard::All(false));
        while ears.next().await != Heard::All(true) {}
        let third = tell(&Stores::of(support::open(&database))).await;
        assert_eq!(ears.next().await, Heard::Changed(third));
    });
}

#[test]
fn who_listens_no_longer_hears_nothing() {
    block_on(async {
        let database = support::fresh_database().await;
        let mut ears = Ears::at(&database, &database);
        assert_eq!(ears.next().await, Heard::All(true));
        ears.listening.abort();
        assert_eq!(ears.next().await, Heard::All(false));
    });
}

#[test]
fn a_connection_that_passes_nothing_on_is_not_relied_on() {
    block_on(async {
        let [here, elsewhere] = [support::fresh_database().await, support::fresh_database().await];
        let mut ears = Ears::at(&elsewhere, &here);
        for _ in 0..2 {
            assert_eq!(ears.next().await, Heard::All(false));
        }
    });
}

struct NoWorker;

impl Wake for NoWorker {
    fn wake(&self) {}
}

#[test]
fn work_that_another_process_left_wakes_this_ones_worker() {
    block_on(async {
        let database = support::fresh_database().await;
        let mut ears = Ears::at(&database, &database);
        assert_eq!(ears.next().await, Heard::All(true));
        let bell = Arc::new(Bell::new(Arc::new(NoWorker)));
        let store = support::open(&database).with_wake(bell.clone());
        let stores = Stores::of(store.clone());
        let passing = tokio::spawn(async move { bell.pass_on(&store).await });
        let job = NewJob::new(&stores.env, &call_by(stores.env.id()), "test.job", json!({}));
        let left: StoreResult<bool> =
            stores.relay.run(&SystemScope::for_relay(), async |tx| tx.jobs().enqueue(job).await).await;
        assert_eq!(left, Ok(true));
        assert_eq!(ears.next().await, Heard::Work);
        passing.abort();
    });
}
