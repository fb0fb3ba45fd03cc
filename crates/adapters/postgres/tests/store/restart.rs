//! A database that restarts or fails over: every connection ends at once. What was acknowledged stays, what was not is
//! there whole or not at all, whoever calls meanwhile hears `Unavailable`, and afterwards calls go on by themselves.

use crate::support::{self, address, url, with_database};
use conformance::{Stores, Tenant, block_on};
use diesel::{
    QueryableByName, sql_query,
    sql_types::{BigInt, Text},
};
use diesel_async::{AsyncConnection, AsyncPgConnection, SimpleAsyncConnection};
use futures_util::future::join_all;
use kernel::{Event, NewEvent, StoreError, StoreResult};
use serde_json::json;
use servers::{Postgres, Proxy, until};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::atomic::{AtomicBool, AtomicI64, Ordering},
    time::Duration,
};
use tokio::{sync::Barrier, task::yield_now, time::timeout};

/// As many as the pool of the app's role has.
const CONNECTIONS: usize = 4;

#[derive(QueryableByName)]
struct Backends {
    #[diesel(sql_type = BigInt)]
    count: i64,
    #[diesel(sql_type = Text)]
    pids: String,
}

#[derive(QueryableByName)]
struct Named {
    #[diesel(sql_type = Text)]
    name: String,
}

/// Who can end all connections to one database.
struct Server(AsyncPgConnection);

impl Server {
    /// The connections but this one that the condition finds.
    async fn backends(&mut self, condition: &str, ask: &str) -> Backends {
        let query = format!(
            "select count({ask}) as count, coalesce(string_agg(pid::text, ','), '0') as pids
            from pg_stat_activity
            where datname = current_database() and pid <> pg_backend_pid() and {condition}"
        );
        // By its name: imported, it would take the atomics' `load` for a query's.
        diesel_async::RunQueryDsl::get_result(sql_query(query), &mut self.0).await.unwrap()
    }

    /// Ends every connection, as a server does that stops; answers how many there were once they are gone.
    async fn cut_all(&mut self) -> i64 {
        let ended = self.backends("true", "pg_terminate_backend(pid)").await;
        let left = format!("pid in ({})", ended.pids);
        let gone = async { while self.backends(&left, "*").await.count > 0 {} };
        timeout(Duration::from_secs(20), gone).await.unwrap();
        ended.count
    }

    /// Whether connections that are opened from now on may write: those that are there go on as they began, as those to a
    /// former primary do.
    async fn takes_writes(&mut self, takes: bool) {
        let name: Named = diesel_async::RunQueryDsl::get_result(
            sql_query("select current_database()::text as name"),
            &mut self.0,
        )
        .await
        .unwrap();
        let setting = format!("alter database {} set default_transaction_read_only = {}", name.name, !takes);
        self.0.batch_execute(&setting).await.unwrap();
    }
}

/// Somebody at work in a store.
struct Desk {
    stores: Stores,
    mine: Tenant,
}

/// A database of its own, through a pool that is full after some calls.
async fn scene() -> (Desk, Server) {
    let database = support::fresh_database().await;
    let owner = with_database(&url("TEST_POSTGRES_OWNER_URL"), &database);
    let stores = Stores::of(support::open(&database));
    let mine = stores.tenant();
    (Desk { stores, mine }, Server(AsyncPgConnection::establish(&owner).await.unwrap()))
}

impl Desk {
    fn fact(&self, number: i64, part: &str) -> NewEvent {
        let subject = ("thing", self.stores.env.ids.uuid());
        NewEvent::new(&self.stores.env, &self.mine.ctx, "thing.happened", subject, json!([number, part]))
    }

    /// One unit that tells two facts.
    async fn tell(&self, number: i64) -> StoreResult<()> {
        let facts = [self.fact(number, "a"), self.fact(number, "b")];
        self.stores
            .campaign
            .run(&self.mine.scope, async |tx| {
                for fact in facts {
                    tx.events().append(fact).await?;
                }
                // A statement of its own between the facts, which are written last.
                tx.campaigns().find(self.stores.env.id()).await.map(drop)
            })
            .await
    }

    async fn read(&self) -> StoreResult<Vec<Event>> {
        self.stores.events.list_after(&self.mine.scope, 0, 100_000).await
    }

    /// Which parts of each unit are there.
    async fn told(&self) -> BTreeMap<i64, Vec<String>> {
        let mut told = BTreeMap::<i64, Vec<String>>::new();
        for event in self.read().await.unwrap() {
            let part = event.payload[1].as_str().unwrap().to_owned();
            told.entry(event.payload[0].as_i64().unwrap()).or_default().push(part);
        }
        told
    }

    /// Opens every connection that the pool may have.
    async fn fill_the_pool(&self) {
        let all_are_there = Barrier::new(CONNECTIONS);
        let held = (0..CONNECTIONS).map(|_| {
            self.stores.campaign.run(&self.mine.scope, async |tx| {
                all_are_there.wait().await;
                tx.campaigns().find(self.stores.env.id()).await.map(drop)
            })
        });
        let held: Vec<StoreResult<()>> = join_all(held).await;
        assert!(held.iter().all(Result::is_ok), "{held:?}");
    }
}

#[track_caller]
fn is_unavailable<T: std::fmt::Debug>(answer: &StoreResult<T>) -> bool {
    match answer {
        Ok(_) => false,
        Err(StoreError::Unavailable(_)) => true,
        other => panic!("{other:?}"),
    }
}

#[test]
fn dead_connections_are_not_handed_out_one_by_one() {
    block_on(async {
        let (desk, mut server) = scene().await;
        for round in 0..3 {
            desk.fill_the_pool().await;
            let ended = server.cut_all().await;
            assert!(ended >= i64::try_from(CONNECTIONS).unwrap(), "{ended}");
            let mut failures = 0;
            for number in 0..8 {
                failures += i32::from(is_unavailable(&desk.read().await));
                failures += i32::from(is_unavailable(&desk.tell(round * 100 + number).await));
            }
            // The end of a connection may not have been noticed yet when the first call comes.
            assert!(failures <= 1, "{failures} calls failed after {ended} connections were ended");
        }
    });
}

#[test]
fn a_unit_that_is_cut_in_the_middle_is_not_there_and_the_caller_hears_so() {
    block_on(async {
        let (desk, mut server) = scene().await;
        for is_noticed_by_a_statement in [true, false] {
            let fact = desk.fact(1, "a");
            let cut: StoreResult<()> = desk
                .stores
                .campaign
                .run(&desk.mine.scope, async |tx| {
                    tx.campaigns().find(desk.stores.env.id()).await?;
                    tx.events().append(fact).await?;
                    server.cut_all().await;
                    if is_noticed_by_a_statement {
                        tx.campaigns().find(desk.stores.env.id()).await?;
                    }
                    Ok(())
                })
                .await;
            assert!(is_unavailable(&cut), "{is_noticed_by_a_statement}");
            assert!(desk.told().await.is_empty());
        }
    });
}

/// Lets connections be new no longer. On a runtime of one thread, and while nothing is under way.
async fn grow_old() {
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(5)).await;
    tokio::time::resume();
}

#[tokio::test]
async fn a_server_that_takes_no_writes_any_more_is_left_by_all_connections_at_once() {
    let (desk, mut server) = scene().await;
    server.takes_writes(false).await;
    join_all((0..CONNECTIONS).map(|_| desk.read())).await;
    server.takes_writes(true).await;
    grow_old().await;
    assert!(is_unavailable(&desk.tell(0).await), "the first one leads to a server that was the primary");
    let told = join_all((1..=4).map(|number| desk.tell(number))).await;
    assert!(told.iter().all(Result::is_ok), "{told:?}");
    assert_eq!(desk.told().await.into_keys().collect::<Vec<_>>(), [1, 2, 3, 4]);
}

#[tokio::test]
async fn a_server_that_takes_no_writes_at_all_is_not_asked_for_new_connections_with_each_of_them() {
    let (desk, mut server) = scene().await;
    server.takes_writes(false).await;
    let mut ever = BTreeSet::new();
    for round in 1..=2 {
        join_all((0..CONNECTIONS).map(|_| desk.read())).await;
        for number in 0..20 {
            assert!(is_unavailable(&desk.tell(number).await));
            desk.read().await.unwrap();
            let now = server.backends("usename = 'rf_app'", "*").await.pids;
            ever.extend(now.split(',').map(str::to_owned));
        }
        assert!(ever.len() <= round * CONNECTIONS, "in round {round}: {ever:?}");
        grow_old().await;
    }
    server.takes_writes(true).await;
    assert!(is_unavailable(&desk.tell(0).await));
    desk.tell(1).await.unwrap();
}

#[test]
fn after_a_failover_the_same_pool_writes_to_the_new_primary() {
    block_on(async {
        let (old, new) = (Postgres::start(), Postgres::start());
        for server in [&old, &new] {
            postgres::migrate(&server.owner).await.unwrap();
        }
        let proxy = Proxy::before(address(&old.app)).await;
        let led = |url: &str| url.replace(&address(url).to_string(), &proxy.address.to_string());
        let options = support::options(led(&old.app), led(&old.system), CONNECTIONS);
        let stores = Stores::of(postgres::open(&options));
        let mine = stores.tenant();
        let desk = Desk { stores, mine };
        desk.fill_the_pool().await;
        desk.tell(1).await.unwrap();

        old.crash();
        assert!(is_unavailable(&desk.tell(2).await));
        proxy.lead_to(address(&new.app));
        until(async || !is_unavailable(&desk.tell(3).await)).await;
        let told = join_all((4..=7).map(|number| desk.tell(number))).await;
        assert!(told.iter().all(Result::is_ok), "{told:?}");
        let there = desk.told().await;
        assert_eq!(there.keys().copied().collect::<Vec<_>>(), [3, 4, 5, 6, 7], "the new one had nothing");
        assert!(there.values().all(|parts| *parts == ["a", "b"]), "{there:?}");
    });
}

/// What those who were at work saw.
#[derive(Default)]
struct Record {
    acknowledged: BTreeSet<i64>,
    failures: usize,
}

/// How far the work is.
#[derive(Default)]
struct Progress {
    begun: AtomicI64,
    done: AtomicI64,
    is_over: AtomicBool,
}

/// Tells facts and reads them until it is over.
async fn work(desk: &Desk, progress: &Progress) -> Record {
    let mut record = Record::default();
    while !progress.is_over.load(Ordering::SeqCst) {
        let number = progress.begun.fetch_add(1, Ordering::SeqCst);
        if is_unavailable(&desk.tell(number).await) {
            record.failures += 1;
        } else {
            record.acknowledged.insert(number);
            progress.done.fetch_add(1, Ordering::SeqCst);
        }
        record.failures += usize::from(is_unavailable(&desk.read().await));
    }
    record
}

#[test]
fn whoever_is_at_work_while_the_database_goes_away_loses_nothing_and_goes_on() {
    block_on(async {
        let (desk, mut server) = scene().await;
        let progress = Progress::default();
        let cutting = async {
            for _ in 0..5 {
                server.cut_all().await;
                let so_far = progress.done.load(Ordering::SeqCst);
                while progress.done.load(Ordering::SeqCst) < so_far + 12 {
                    yield_now().await;
                }
            }
            progress.is_over.store(true, Ordering::SeqCst);
        };
        let working = join_all((0..6).map(|_| work(&desk, &progress)));
        let both = async { tokio::join!(working, cutting).0 };
        let records = timeout(Duration::from_secs(120), both).await.unwrap();
        let failures: usize = records.iter().map(|record| record.failures).sum();
        assert!(failures > 0, "nobody was at work when it went away");

        let told = desk.told().await;
        let halves: Vec<_> = told.iter().filter(|(_, parts)| **parts != ["a", "b"]).collect();
        assert!(halves.is_empty(), "{halves:?}");
        let acknowledged = records.into_iter().flat_map(|record| record.acknowledged);
        let lost: Vec<_> = acknowledged.filter(|number| !told.contains_key(number)).collect();
        assert!(lost.is_empty(), "{lost:?}");
    });
}
