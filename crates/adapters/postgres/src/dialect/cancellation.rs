//! Clients that go away at every possible point: nothing stays open, nothing leaks, the pool goes on working. And what
//! happens without the guards.

use super::{
    lending::ConnPool,
    pool::{Conn, begin, begin_sql, take},
    read::{all_at_once, scoped},
    support,
};
use crate::sql::{Fail, Scope, Settings, schema::campaigns};
use conformance::{Stores, Tenant, block_on, cut};
use diesel::{
    pg::Pg,
    prelude::*,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    sql_types::Text,
};
use diesel_async::{AsyncConnection, RunQueryDsl, SimpleAsyncConnection, methods::LoadQuery};
use kernel::{PageRequest, StoreError};

const CUTS: u32 = 2_000;

/// Without a workspace condition on purpose: only row-level security stands before other tenants' rows.
fn names() -> diesel::dsl::Select<campaigns::table, campaigns::name> {
    campaigns::table.select(campaigns::name)
}

fn names_id() -> std::any::TypeId {
    fn of<Q: QueryId>(_: &Q) -> Option<std::any::TypeId> {
        Q::query_id()
    }
    of(&names()).unwrap()
}

/// The read without [`super::read::scoped`]'s closing guard.
async fn unguarded<'q, Q, U>(pool: &ConnPool, settings: Settings, query: Q) -> Result<Vec<U>, Fail>
where
    Q: for<'c> LoadQuery<'q, &'c Conn, U> + Send + 'q,
    U: Send + 'static,
{
    let held = take(pool).await?;
    let conn: &Conn = &held;
    let (mut first, mut second, mut third) = (conn, conn, conn);
    let sql = begin_sql(settings);
    let (begun, rows) = tokio::join!(biased; first.batch_execute(&sql), query.load(&mut second));
    third.batch_execute("rollback").await?;
    begun?;
    Ok(rows?)
}

async fn unscoped(pool: &ConnPool) -> Vec<String> {
    let mut held = take(pool).await.unwrap();
    names().load(&mut *held).await.unwrap()
}

/// A store whose connections carry this application name, with a tenant who has a campaign.
async fn prepared(application: &str) -> (crate::Store, Stores, Tenant) {
    let store = support::shared_with(2, &format!("?application_name={application}")).await;
    let stores = Stores::of(store.clone());
    let tenant = stores.tenant();
    let campaign = conformance::campaigns::draft(&stores, &tenant, "mine");
    conformance::campaigns::store(&stores, &tenant, &campaign, &[]).await;
    (store, stores, tenant)
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

/// Cuts reads at every poll; answers how often a later statement without a scope saw a tenant's rows.
async fn cut_reads(guarded: bool, application: &str) -> u32 {
    let (store, stores, tenant) = prepared(application).await;
    let (pool, settings) = (&store.pools.tenant_reads, tenant.scope.settings());
    let mut leaks = 0;
    for index in 0..CUTS {
        if guarded {
            cut(scoped::<_, String>(pool, settings, names()), index % 7).await;
        } else {
            cut(unguarded::<_, String>(pool, settings, names()), index % 7).await;
        }
        if index % 3 == 0 && !unscoped(pool).await.is_empty() {
            leaks += 1;
        }
    }
    if guarded {
        assert_eq!(left_open(application, 0).await, 0);
        let page = stores.campaigns.page(&tenant.scope, &PageRequest::default()).await.unwrap();
        assert_eq!(page.items.len(), 1, "the pool goes on working");
    }
    leaks
}

#[test]
fn reads_that_are_cut_off_leave_no_scope_behind() {
    assert_eq!(block_on(cut_reads(true, "cut_reads")), 0);
}

#[test]
fn without_the_guard_cut_reads_show_other_tenants_rows() {
    assert!(block_on(cut_reads(false, "cut_unguarded")) > 0);
}

#[test]
fn a_read_that_is_prepared_leaves_with_its_end_and_sees_its_rows() {
    block_on(async {
        let (store, _, tenant) = prepared("prepared_reads").await;
        let (pool, settings) = (&store.pools.tenant_reads, tenant.scope.settings());
        for _ in 0..100 {
            let seen: Vec<String> = scoped(pool, settings, names()).await.unwrap();
            assert_eq!(seen, ["mine"]);
        }
        let id = names_id();
        assert!(take(pool).await.unwrap().has_prepared(id), "so it went the short way");
        assert!(unscoped(pool).await.is_empty());
        assert_eq!(left_open("prepared_reads", 0).await, 0);
    });
}

/// The same read as a query whose text diesel takes to vary, so that it prepares it anew each time.
#[derive(Clone, Copy, QueryId)]
struct Varied;

impl Query for Varied {
    type SqlType = Text;
}

impl QueryFragment<Pg> for Varied {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.unsafe_to_cache_prepared();
        out.push_sql("select name from campaigns");
        Ok(())
    }
}

#[test]
fn a_read_that_is_prepared_anew_each_time_waits_for_its_end() {
    block_on(async {
        let (store, _, tenant) = prepared("varied").await;
        for _ in 0..3 {
            let read = scoped(&store.pools.tenant_reads, tenant.scope.settings(), Varied);
            let seen: Vec<String> = read.await.unwrap();
            assert_eq!(seen, ["mine"]);
        }
        assert!(Varied::query_id().is_some(), "by its type alone it would be taken for prepared");
    });
}

#[test]
fn the_end_behind_a_read_that_is_not_prepared_overtakes_it() {
    block_on(async {
        let (store, _, tenant) = prepared("overtaken").await;
        let held = take(&store.pools.tenant_reads).await.unwrap();
        let sql = begin_sql(tenant.scope.settings());
        let seen: Vec<String> = all_at_once(&held, &sql, names()).await.unwrap();
        assert_eq!(seen, [""; 0], "it was executed after the transaction, unscoped");
        let seen: Vec<String> = all_at_once(&held, &sql, names()).await.unwrap();
        assert_eq!(seen, ["mine"], "prepared by now");
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
        begin(&mut held, tenant.scope.settings()).await.unwrap();
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
