//! A purge leaves no row of a workspace in any table of the catalogue, and the system role deletes in no other one.

use crate::support::{self, url, with_database};
use conformance::{Stores, block_on, purge};
use diesel::{
    QueryableByName, sql_query,
    sql_types::{BigInt, Text},
};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use kernel::{StoreError, WorkspaceId};
use std::collections::BTreeMap;

#[derive(QueryableByName)]
struct Place {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    column_name: String,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// The system role at a database.
struct System(AsyncPgConnection);

impl System {
    async fn at(database: &str) -> Self {
        let url = with_database(&url("TEST_POSTGRES_SYSTEM_URL"), database);
        Self(AsyncPgConnection::establish(&url).await.unwrap())
    }

    /// Where the catalogue says that rows belong to a workspace.
    async fn places(&mut self) -> Vec<Place> {
        let places = "select c.relname::text as table_name, a.attname::text as column_name
            from pg_class c join pg_attribute a on a.attrelid = c.oid
            where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not a.attisdropped
              and (a.attname = 'workspace_id' or (c.relname, a.attname) in
                (('workspaces', 'id'), ('event_streams', 'stream_id'), ('consumer_positions', 'stream_id')))
            order by 1";
        sql_query(places).load(&mut self.0).await.unwrap()
    }

    async fn begin_in(&mut self, workspace: Option<WorkspaceId>) {
        let setting =
            workspace.map(|id| format!("; set local app.workspace_id = '{id}'")).unwrap_or_default();
        self.0.batch_execute(&format!("begin{setting}")).await.unwrap();
    }

    /// How many rows of the workspace each table holds.
    async fn rows_of(&mut self, workspace: WorkspaceId) -> BTreeMap<String, i64> {
        let places = self.places().await;
        self.begin_in(Some(workspace)).await;
        let mut counts = BTreeMap::new();
        for Place { table_name, column_name } in places {
            let count = format!("select count(*) from {table_name} where {column_name} = '{workspace}'");
            let counted = sql_query(count).get_result::<Count>(&mut self.0).await;
            let counted = counted.unwrap_or_else(|error| {
                panic!("{table_name} needs a policy `purge` and its grants, as in 0015_purge: {error}")
            });
            counts.insert(table_name, counted.count);
        }
        self.0.batch_execute("rollback").await.unwrap();
        counts
    }

    /// How many rows go when everything is deleted in a transaction that names `named`; nothing is kept of it.
    async fn deletable(&mut self, named: Option<WorkspaceId>) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for Place { table_name, .. } in self.places().await {
            self.begin_in(named).await;
            let deleted = sql_query(format!("delete from {table_name}")).execute(&mut self.0).await;
            self.0.batch_execute("rollback").await.unwrap();
            match deleted {
                Ok(count) => counts.insert(table_name, count),
                // What others refer to is as well kept from this statement as by a policy.
                Err(error) if named.is_some() && error.to_string().contains("foreign key") => None,
                Err(error) => panic!("{table_name}: {error}"),
            };
        }
        counts
    }
}

#[test]
fn no_table_holds_a_row_of_a_purged_workspace_and_another_one_keeps_its_rows() {
    block_on(async {
        let database = support::fresh_database().await;
        let stores = Stores::of(support::open(&database));
        let (gone, kept) = (purge::furnished(&stores).await.tenant, purge::furnished(&stores).await.tenant);
        let mut system = System::at(&database).await;
        let before = system.rows_of(kept.scope.workspace()).await;
        let empty: Vec<_> = before.iter().filter(|(_, count)| **count == 0).collect();
        assert!(empty.is_empty() && before.len() > 15, "`furnished` leaves tables empty: {empty:?}");
        assert_eq!(system.rows_of(gone.scope.workspace()).await, before);

        purge::give_up(&stores, &gone).await;
        assert!(purge::purge(&stores, &gone).await);
        let left = system.rows_of(gone.scope.workspace()).await;
        assert!(left.values().all(|count| *count == 0), "{left:?}");
        assert_eq!(system.rows_of(kept.scope.workspace()).await, before);
    });
}

/// All in one transaction, a large workspace's purge would be given up at the limit of a statement's time, each time anew.
#[test]
fn a_purge_that_is_cut_short_has_done_its_part_and_the_next_one_does_the_rest() {
    block_on(async {
        let database = support::fresh_database().await;
        let stores = Stores::of(support::open(&database));
        let mut system = System::at(&database).await;
        let (gone, kept) = (purge::furnished(&stores).await.tenant, purge::furnished(&stores).await.tenant);
        let before = system.rows_of(kept.scope.workspace()).await;
        let cut = purge::cut_short(&stores, &gone, &kept).await;
        assert!(matches!(cut, Err(StoreError::Conflict(_))), "{cut:?}");
        let left = system.rows_of(gone.scope.workspace()).await;
        let many = ["daily_wins", "moves", "agent_steps", "model_calls", "events"];
        assert!(many.iter().all(|table| left[*table] == 0), "{left:?}");
        assert!(left["workspaces"] == 1 && left["jobs"] == 1, "what is needed to go on is there: {left:?}");
        assert!(purge::purge(&stores, &gone).await);
        let left = system.rows_of(gone.scope.workspace()).await;
        assert!(left.values().all(|count| *count == 0), "{left:?}");
        assert_eq!(system.rows_of(kept.scope.workspace()).await, before);
    });
}

#[test]
fn the_system_role_deletes_nothing_but_in_the_workspace_that_it_names() {
    block_on(async {
        let database = support::fresh_database().await;
        let stores = Stores::of(support::open(&database));
        let (mine, _other) = (purge::furnished(&stores).await.tenant, purge::furnished(&stores).await.tenant);
        let mut system = System::at(&database).await;
        let without = system.deletable(None).await;
        assert!(without.values().all(|count| *count == 0), "{without:?}");
        let rows = system.rows_of(mine.scope.workspace()).await;
        let within = system.deletable(Some(mine.scope.workspace())).await;
        assert!(within.len() > 8, "too many deletions were refused: {within:?}");
        for (table, count) in within {
            assert_eq!(i64::try_from(count), Ok(rows[&table]), "{table}");
        }
    });
}
