//! Clients that go away at every possible point: nothing stays open, nobody sees others' rows, the pool goes on working. And
//! what happens without the guards.

use super::{
    lending::ConnPool,
    pool::{Conn, begin, rollback, scope_sql, take},
    read::{behind, scoped},
    support,
};
use crate::sql::{Durability, Scope, Settings, schema::campaigns};
use conformance::{Stores, Tenant, block_on, cut};
use diesel::prelude::*;
use diesel_async::{AsyncConnection, RunQueryDsl, SimpleAsyncConnection};
use kernel::{PageRequest, StoreError};

const CUTS: u32 = 2_000;

/// Without a workspace condition on purpose: only row-level security stands before other tenants' rows.
fn names() -> diesel::dsl::Select<campaigns::table, campaigns::name> {
    campaigns::table.select(campaigns::name)
}

async fn seen(conn: &mut Conn) -> Vec<String> {
    names().load(conn).await.unwrap()
}

/// A store whose connections carry this application name, with a tenant who has a campaign.
async fn prepared(application: &str) -> (crate::Store, Stores, Tenant) {
    let store = support::shared_with(2, &format!("?application_name={application}")).await;
    let stores = Stores::of(store.clone());
    let tenant = with_campaign(&stores, "mine").await;
    (store, stores, tenant)
}

async fn with_campaign(stores: &Stores, name: &str) -> Tenant {
    let tenant = stores.tenant();
    let campaign = conformance::campaigns::draft(stores, &tenant, name);
    conformance::campaigns::store(stores, &tenant, &campaign, &[]).await;
    tenant
}

/// How many transactions of the application are open, once the queued rollbacks had time to arrive.
async fn left_open(application: &str, expected: i64) -> i64 {
    let count = format!(
        "(select count(*) from pg_stat_activity where application_name = '{application}' \
         and state like 'idle in transaction%')"
    );
    // A role sees the state of its own sessions only.
    let mut watcher = Conn::establish(&support::url("TEST_POSTGRES_APP_URL")).await.unwrap();
    let mut open = -1;
    for _ in 0..2_000 {
        let query = diesel::dsl::sql::<diesel::sql_types::BigInt>(&count);
        open = diesel::select(query).get_result(&mut watcher).await.unwrap();
        if open == expected {
            break;
        }
        tokio::task::yield_now().await;
    }
    open
}

/// What the next transaction of somebody without a workspace sees, on whichever connection.
async fn seen_by_nobody(pool: &ConnPool, begin_with: Option<Settings>) -> Vec<String> {
    let mut held = take(pool).await.unwrap();
    match begin_with {
        Some(settings) => begin(&mut held, settings, Durability::OnDisk).await.unwrap(),
        None => held.batch_execute("begin").await.unwrap(),
    }
    let names = seen(&mut held).await;
    rollback(&mut held).await.unwrap();
    names
}

#[test]
fn reads_that_are_cut_off_show_nobody_others_rows() {
    block_on(async {
        let (store, stores, tenant) = prepared("cut_reads").await;
        let other = with_campaign(&stores, "theirs").await;
        let pool = &store.pools.tenant_reads;
        for index in 0..CUTS {
            let whose = if index % 3 == 0 { &other } else { &tenant };
            cut(scoped::<_, String>(pool, whose.scope.settings(), names()), index % 7).await;
            match index % 4 {
                0 => {
                    let theirs: Vec<String> = scoped(pool, other.scope.settings(), names()).await.unwrap();
                    assert_eq!(theirs, ["theirs"]);
                }
                1 => assert!(seen_by_nobody(pool, Some(Settings::default())).await.is_empty()),
                2 => {
                    let mine: Vec<String> = scoped(pool, tenant.scope.settings(), names()).await.unwrap();
                    assert_eq!(mine, ["mine"]);
                }
                _ => {}
            }
        }
        assert_eq!(left_open("cut_reads", 0).await, 0);
        let page = stores.campaigns.page(&tenant.scope, &PageRequest::default()).await.unwrap();
        assert_eq!(page.items.len(), 1, "the pool goes on working");
    });
}

#[test]
fn a_transaction_that_sets_no_scope_sees_the_rows_of_who_read_before() {
    block_on(async {
        let (store, _, tenant) = prepared("no_scope").await;
        let pool = &store.pools.tenant_reads;
        let mine: Vec<String> = scoped(pool, tenant.scope.settings(), names()).await.unwrap();
        assert_eq!(mine, ["mine"]);
        assert_eq!(seen_by_nobody(pool, None).await, ["mine"], "the attack, without the guard");
        assert!(seen_by_nobody(pool, Some(Settings::default())).await.is_empty());
        let user = Settings { workspace: None, user: Some(tenant.scope.workspace().uuid()) };
        let none: Vec<String> = scoped(pool, user, names()).await.unwrap();
        assert!(none.is_empty(), "a read without a workspace sets none too: {none:?}");
    });
}

#[test]
fn a_query_before_its_scope_sees_the_rows_of_who_read_before() {
    block_on(async {
        let (store, stores, tenant) = prepared("before").await;
        let other = with_campaign(&stores, "theirs").await;
        let held = take(&store.pools.tenant_reads).await.unwrap();
        let conn: &Conn = &held;
        for _ in 0..2 {
            let mine: Vec<String> =
                behind(conn, &scope_sql("set", None, tenant.scope.settings()), names()).await.unwrap();
            assert_eq!(mine, ["mine"]);
            let scope = scope_sql("set", None, other.scope.settings());
            let (mut first, mut second) = (conn, conn);
            let (seen, set) =
                tokio::join!(biased; names().load::<String>(&mut first), second.batch_execute(&scope));
            set.unwrap();
            let theirs: Vec<String> = behind(conn, &scope, names()).await.unwrap();
            assert_eq!(theirs, ["theirs"]);
            assert_eq!(seen.unwrap(), ["mine"], "the attack: the order is what guards");
        }
    });
}

/// A read whose scope is known to be set sends none. So whatever else is done with a connection, its scope is forgotten first.
#[test]
fn a_scope_that_is_only_said_to_be_set_shows_others_rows() {
    block_on(async {
        let (store, stores, tenant) = prepared("said").await;
        let other = with_campaign(&stores, "theirs").await;
        let (pool, mine) = (&store.pools.tenant_reads, tenant.scope.settings());
        for is_guarded in [false, true] {
            let before: Vec<String> = scoped(pool, mine, names()).await.unwrap();
            assert_eq!(before, ["mine"]);
            let mut held = take(pool).await.unwrap();
            assert_eq!(held.scope(), None, "who gets a connection to work with may set what they like");
            begin(&mut held, other.scope.settings(), Durability::OnDisk).await.unwrap();
            if !is_guarded {
                held.set_scope(Some(mine));
            }
            // As a unit that is dropped without its guard: the transaction is still open.
            drop(held);
            let seen: Vec<String> = scoped(pool, mine, names()).await.unwrap();
            assert_eq!(seen, [if is_guarded { "mine" } else { "theirs" }]);
            rollback(&mut take(pool).await.unwrap()).await.unwrap();
        }
    });
}

#[test]
fn rows_behind_a_scope_that_was_not_set_are_thrown_away() {
    block_on(async {
        let (store, _, tenant) = prepared("not_set").await;
        let held = take(&store.pools.tenant_reads).await.unwrap();
        let mine: Vec<String> =
            behind(&held, &scope_sql("set", None, tenant.scope.settings()), names()).await.unwrap();
        assert_eq!(mine, ["mine"]);
        let refused = behind::<_, String>(&held, "set no_such_setting = 1", names()).await;
        assert!(refused.is_err(), "{:?}", refused.ok());
    });
}

#[test]
fn units_of_work_that_are_cut_off_leave_nothing_behind() {
    block_on(async {
        let (store, stores, tenant) = prepared("cut_units").await;
        for index in 0..CUTS {
            let campaign = conformance::campaigns::draft(&stores, &tenant, &format!("c{index}"));
            let event = kernel::NewEvent::new(
                &stores.env,
                &tenant.ctx,
                "campaign.created",
                ("campaign", campaign.id.uuid()),
                serde_json::Value::Null,
            );
            let unit = stores.campaign.run::<_, StoreError, _>(&tenant.scope, async |tx| {
                tx.campaigns().insert(&campaign).await?;
                tokio::task::yield_now().await;
                tx.campaigns().find(campaign.id).await?;
                tx.events().append(event).await
            });
            cut(unit, index % 25).await;
        }
        assert_eq!(left_open("cut_units", 0).await, 0);
        let stored = stores.events.list_after(&tenant.scope, 0, CUTS).await.unwrap().len();
        let pool = &store.pools.tenant_reads;
        let campaigns: Vec<String> = scoped(pool, tenant.scope.settings(), names()).await.unwrap();
        assert_eq!(campaigns.len(), stored + 1, "a campaign and its event are stored together or not at all");
    });
}

#[test]
fn without_the_guard_a_dropped_unit_keeps_its_transaction_open() {
    block_on(async {
        let (store, _, tenant) = prepared("drop_unguarded").await;
        let mut held = take(&store.pools.tenant_writes).await.unwrap();
        begin(&mut held, tenant.scope.settings(), Durability::OnDisk).await.unwrap();
        let _: Vec<String> = names().load(&mut *held).await.unwrap();
        drop(held);
        assert_eq!(left_open("drop_unguarded", 1).await, 1);
    });
}

#[test]
fn a_pool_that_is_used_up_answers_unavailable_after_a_bounded_wait() {
    block_on(async {
        let url = support::url("TEST_POSTGRES_APP_URL");
        let mut options = support::options(url.clone(), url, 1);
        options.wait = std::time::Duration::from_millis(50);
        let store = crate::open(&options);
        let stores = Stores::of(store.clone());
        let tenant = stores.tenant();
        let _taken = take(&store.pools.tenant_reads).await.unwrap();
        let refused = stores.campaigns.page(&tenant.scope, &PageRequest::default()).await;
        assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
    });
}
