//! A purge leaves no row of a workspace in any table of the file.

use crate::support;
use conformance::{Stores, block_on, purge};
use diesel::{
    Connection, QueryableByName, RunQueryDsl, SqliteConnection, sql_query,
    sql_types::{BigInt, Binary, Text},
};
use kernel::{StoreError, WorkspaceId};
use std::{collections::BTreeMap, path::Path};

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

/// How many rows of the workspace each table holds.
fn rows_of(file: &Path, workspace: WorkspaceId) -> BTreeMap<String, i64> {
    let mut conn = SqliteConnection::establish(file.to_str().unwrap()).unwrap();
    let places = "select t.name as table_name, c.name as column_name
        from sqlite_master t join pragma_table_info(t.name) c
        where t.type = 'table' and (c.name = 'workspace_id'
          or (t.name = 'workspaces' and c.name = 'id') or (t.name in ('event_streams', 'consumer_positions') and c.name = 'stream_id'))";
    let places: Vec<Place> = sql_query(places).load(&mut conn).unwrap();
    let mut counts = BTreeMap::new();
    for Place { table_name, column_name } in places {
        let count = format!("select count(*) as count from {table_name} where {column_name} = ?");
        let id = workspace.uuid().as_bytes().to_vec();
        let counted = sql_query(count).bind::<Binary, _>(id).get_result::<Count>(&mut conn).unwrap();
        counts.insert(table_name, counted.count);
    }
    counts
}

#[test]
fn no_table_holds_a_row_of_a_purged_workspace_and_another_one_keeps_its_rows() {
    block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let stores = Stores::of(support::open_at(folder.path()).await);
        let file = folder.path().join("test.db");
        let (gone, kept) = (purge::furnished(&stores).await.tenant, purge::furnished(&stores).await.tenant);
        let before = rows_of(&file, kept.scope.workspace());
        let empty: Vec<_> = before.iter().filter(|(_, count)| **count == 0).collect();
        assert!(empty.is_empty() && before.len() > 15, "`furnished` leaves tables empty: {empty:?}");
        assert_eq!(rows_of(&file, gone.scope.workspace()), before);

        purge::give_up(&stores, &gone).await;
        assert!(purge::purge(&stores, &gone).await);
        let left = rows_of(&file, gone.scope.workspace());
        assert!(left.values().all(|count| *count == 0), "{left:?}");
        assert_eq!(rows_of(&file, kept.scope.workspace()), before);
    });
}

/// All in one transaction, a large workspace's purge would be given up at the limit of a statement's time, each time anew.
#[test]
fn a_purge_that_is_cut_short_has_done_its_part_and_the_next_one_does_the_rest() {
    block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let stores = Stores::of(support::open_at(folder.path()).await);
        let file = folder.path().join("test.db");
        let (gone, kept) = (purge::furnished(&stores).await.tenant, purge::furnished(&stores).await.tenant);
        let before = rows_of(&file, kept.scope.workspace());
        let cut = purge::cut_short(&stores, &gone, &kept).await;
        assert!(matches!(cut, Err(StoreError::Conflict(_))), "{cut:?}");
        let left = rows_of(&file, gone.scope.workspace());
        let many = ["daily_wins", "moves", "agent_steps", "model_calls", "events"];
        assert!(many.iter().all(|table| left[*table] == 0), "{left:?}");
        assert!(left["workspaces"] == 1 && left["jobs"] == 1, "what is needed to go on is there: {left:?}");
        assert!(purge::purge(&stores, &gone).await);
        let left = rows_of(&file, gone.scope.workspace());
        assert!(left.values().all(|count| *count == 0), "{left:?}");
        assert_eq!(rows_of(&file, kept.scope.workspace()), before);
    });
}
