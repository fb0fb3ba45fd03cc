//! A database at the end of a slow way: who waits is told in time, what was cut in its middle is not there, and when the
//! way is as it was so is everything else.

use crate::support::{self, address, url, with_database};
use agents::dispatch::{BudgetMonth, Held};
use conformance::{Stores, Tenant, block_on, ledger};
use futures_util::{
    StreamExt,
    future::{join, join_all},
    stream::FuturesUnordered,
};
use kernel::{Event, NewEvent, StoreError, StoreResult};
use serde_json::json;
use servers::{Proxy, until};
use std::time::Duration;
use tokio::time::{Instant, timeout};

const CONNECTIONS: usize = 2;
/// How long a caller waits for a connection.
const WAIT: Duration = Duration::from_millis(300);
/// How much longer each direction takes.
const SLOW: Duration = Duration::from_secs(3);

/// Somebody at work in a store that is reached by the proxy.
struct Desk {
    proxy: Proxy,
    stores: Stores,
    mine: Tenant,
}

async fn desk() -> Desk {
    let database = support::fresh_database().await;
    let urls =
        ["TEST_POSTGRES_APP_URL", "TEST_POSTGRES_SYSTEM_URL"].map(|var| with_database(&url(var), &database));
    let server = address(&urls[0]);
    let proxy = Proxy::before(server).await;
    let [app_url, system_url] = urls.map(|url| url.replace(&server.to_string(), &proxy.address.to_string()));
    let options =
        postgres::Options { app_url, system_url, pool_size: CONNECTIONS, wait: WAIT, assume_roles: false };
    let stores = Stores::of(postgres::open(&options));
    let mine = stores.tenant();
    Desk { proxy, stores, mine }
}

impl Desk {
    async fn read(&self) -> StoreResult<Vec<Event>> {
        self.stores.events.list_after(&self.mine.scope, 0, 100).await
    }

    async fn tell(&self) -> StoreResult<()> {
        let fact = self.fact();
        self.stores
            .campaign
            .run(&self.mine.scope, async |tx| {
                tx.campaigns().find(self.stores.env.id()).await?;
                tx.events().append(fact).await
            })
            .await
    }

    fn fact(&self) -> NewEvent {
        let subject = ("thing", self.stores.env.ids.uuid());
        NewEvent::new(&self.stores.env, &self.mine.ctx, "thing.happened", subject, json!({}))
    }

    /// Reads until that succeeds; before, it is told that the database is away.
    async fn is_well(&self) {
        until(async || match self.read().await {
            Ok(_) => true,
            Err(StoreError::Unavailable(_)) => false,
            Err(other) => panic!("{other:?}"),
        })
        .await;
        for _ in 0..2 * CONNECTIONS {
            self.tell().await.unwrap();
            self.read().await.unwrap();
        }
    }
}

#[test]
fn while_the_way_is_slow_whoever_gets_no_connection_is_told_in_time_and_the_others_are_answered() {
    block_on(async {
        let desk = desk().await;
        desk.is_well().await;
        desk.proxy.slow(SLOW);
        let began = Instant::now();
        let mut reads: FuturesUnordered<_> = (0..10).map(|_| desk.read()).collect();
        for refused in 0..10 - CONNECTIONS {
            let answer = reads.next().await.unwrap();
            assert!(matches!(answer, Err(StoreError::Unavailable(_))), "{refused}: {answer:?}");
        }
        let waited = began.elapsed();
        assert!(waited >= WAIT && waited < SLOW / 2, "{waited:?}");
        desk.proxy.go_on();
        while let Some(answer) = reads.next().await {
            answer.unwrap();
        }
        desk.is_well().await;
    });
}

#[test]
fn whoever_goes_away_while_nothing_gets_through_leaves_nothing_behind() {
    block_on(async {
        let desk = desk().await;
        desk.is_well().await;
        let told = desk.read().await.unwrap().len();
        let fact = desk.fact();
        let unit = desk.stores.campaign.run(&desk.mine.scope, async |tx| {
            tx.campaigns().find(desk.stores.env.id()).await?;
            tx.events().append(fact).await?;
            desk.proxy.stall();
            tx.campaigns().find(desk.stores.env.id()).await.map(drop)
        });
        let unit: Result<StoreResult<()>, _> = timeout(WAIT, unit).await;
        assert!(unit.is_err(), "it was answered: {unit:?}");
        let read = timeout(WAIT, desk.read()).await;
        assert!(!matches!(read, Ok(Ok(_))), "{read:?}");
        desk.proxy.go_on();
        desk.is_well().await;
        let after = desk.read().await.unwrap().len();
        assert_eq!(after, told + 2 * CONNECTIONS, "the unit that was left is not there, and later ones are");
    });
}

#[test]
fn a_database_that_does_not_say_a_word_is_given_up_and_found_when_it_does() {
    block_on(async {
        let desk = desk().await;
        desk.proxy.stall();
        let began = Instant::now();
        let (heard, read) = (desk.proxy.heard(), desk.read());
        assert!(matches!(read.await, Err(StoreError::Unavailable(_))));
        let waited = began.elapsed();
        assert!(waited < Duration::from_secs(8), "{waited:?}");
        heard.await;
        desk.proxy.go_on();
        desk.is_well().await;
    });
}

#[test]
fn connections_that_are_cut_on_the_way_are_made_anew() {
    block_on(async {
        let desk = desk().await;
        for _ in 0..3 {
            desk.is_well().await;
            let told = desk.read().await.unwrap().len();
            let fact = desk.fact();
            let cut: StoreResult<()> = desk
                .stores
                .campaign
                .run(&desk.mine.scope, async |tx| {
                    tx.events().append(fact).await?;
                    desk.proxy.cut();
                    Ok(())
                })
                .await;
            assert!(matches!(cut, Err(StoreError::Unavailable(_))), "{cut:?}");
            until(async || desk.read().await.is_ok()).await;
            assert_eq!(desk.read().await.unwrap().len(), told);
        }
    });
}

/// Entries of the ledger wait for one another: when the one that writes loses its database, nobody waits on.
#[test]
fn entries_of_the_ledger_that_wait_for_a_cut_connection_are_all_told_and_later_ones_written() {
    block_on(async {
        let desk = desk().await;
        desk.is_well().await;
        desk.proxy.stall();
        let holds: Vec<_> = (0..20).map(|_| ledger::hold(&desk.stores, &desk.mine, 10)).collect();
        let holding =
            join_all(holds.iter().map(|hold| desk.stores.ledger.hold(&desk.mine.scope, hold, None)));
        let heard = desk.proxy.heard();
        let cutting = async {
            heard.await;
            desk.proxy.cut();
        };
        let (held, ()) = timeout(Duration::from_secs(30), join(holding, cutting)).await.unwrap();
        assert!(held.iter().all(|held| matches!(held, Err(StoreError::Unavailable(_)))), "{held:?}");
        desk.proxy.go_on();
        desk.is_well().await;
        let later = ledger::hold(&desk.stores, &desk.mine, 7);
        assert_eq!(ledger::held(&desk.stores, &desk.mine, &later, None).await, Held::Yes);
        let month = BudgetMonth::of(desk.stores.env.now());
        let spending = desk.stores.model_calls.spending(&desk.mine.scope, month).await.unwrap();
        assert_eq!(spending.reserved.pico(), 7, "what nobody was told of is not held");
    });
}
