//! Both databases have the same schema: one source of repositories runs on both.

use crate::support;
use diesel::{
    Connection, QueryableByName, SqliteConnection,
    connection::SimpleConnection,
    sql_query,
    sql_types::{Bool, Text},
};
use diesel_async::{AsyncConnection, AsyncPgConnection};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

#[derive(QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    column_name: String,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Bool)]
    nullable: bool,
}

/// The columns of a unique constraint or index, the primary key included.
#[derive(QueryableByName)]
struct Unique {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    columns: String,
    #[diesel(sql_type = Bool)]
    partial: bool,
}

#[derive(QueryableByName)]
struct Reference {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    columns: String,
    #[diesel(sql_type = Text)]
    target: String,
    #[diesel(sql_type = Text)]
    target_columns: String,
    #[diesel(sql_type = Text)]
    on_delete: String,
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Table {
    /// By name: SQLite's type and whether it may be null.
    columns: BTreeMap<String, (String, bool)>,
    unique: BTreeSet<(String, bool)>,
    references: BTreeSet<String>,
}

type Catalogue = BTreeMap<String, Table>;

fn catalogue(columns: Vec<Column>, unique: Vec<Unique>, references: Vec<Reference>) -> Catalogue {
    let mut tables = Catalogue::new();
    for Column { table_name, column_name, kind, nullable } in columns {
        tables.entry(table_name).or_default().columns.insert(column_name, (kind, nullable));
    }
    for Unique { table_name, columns, partial } in unique {
        tables.entry(table_name).or_default().unique.insert((columns, partial));
    }
    for Reference { table_name, columns, target, target_columns, on_delete } in references {
        let text = format!("({columns}) references {target} ({target_columns}) on delete {on_delete}");
        tables.entry(table_name).or_default().references.insert(text.to_lowercase());
    }
    tables
}

/// How SQLite stores what PostgreSQL calls `kind`.
fn in_sqlite(kind: &str) -> String {
    match kind {
        "uuid" | "jsonb" | "bytea" => "blob",
        "text" | "date" => "text",
        "int4" => "integer",
        "int8" | "timestamptz" => "bigint",
        "bool" => "boolean",
        "float8" => "double",
        other => panic!("no counterpart in SQLite is known for {other}"),
    }
    .to_owned()
}

async fn of_postgres() -> Catalogue {
    use diesel_async::RunQueryDsl;
    support::shared().await;
    let mut conn = AsyncPgConnection::establish(&support::url("TEST_POSTGRES_OWNER_URL")).await.unwrap();
    let columns =
        "select table_name::text, column_name::text, udt_name::text as kind, is_nullable = 'YES' as nullable
        from information_schema.columns
        where table_schema = 'public' and table_name <> '__diesel_schema_migrations'";
    let unique = "select t.relname::text as table_name, i.indpred is not null as partial,
          (select string_agg(coalesce(a.attname::text, '<expression>'), ', ' order by k.n)
             from unnest(i.indkey::int2[]) with ordinality k (attnum, n)
             left join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum) as columns
        from pg_index i join pg_class t on t.oid = i.indrelid
        where i.indisunique and t.relnamespace = 'public'::regnamespace
          and t.relname <> '__diesel_schema_migrations'";
    let references = "select t.relname::text as table_name, r.relname::text as target,
          (select string_agg(a.attname::text, ', ' order by k.n)
             from unnest(c.conkey) with ordinality k (attnum, n)
             join pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.attnum) as columns,
          (select string_agg(a.attname::text, ', ' order by k.n)
             from unnest(c.confkey) with ordinality k (attnum, n)
             join pg_attribute a on a.attrelid = c.confrelid and a.attnum = k.attnum) as target_columns,
          case c.confdeltype when 'a' then 'no action' when 'r' then 'restrict' when 'c' then 'cascade'
            when 'n' then 'set null' else 'set default' end as on_delete
        from pg_constraint c
        join pg_class t on t.oid = c.conrelid
        join pg_class r on r.oid = c.confrelid
        where c.contype = 'f' and t.relnamespace = 'public'::regnamespace";
    let mut columns: Vec<Column> = sql_query(columns).load(&mut conn).await.unwrap();
    for column in &mut columns {
        column.kind = in_sqlite(&column.kind);
    }
    let unique = sql_query(unique).load(&mut conn).await.unwrap();
    catalogue(columns, unique, sql_query(references).load(&mut conn).await.unwrap())
}

fn of_sqlite(path: &Path) -> Catalogue {
    use diesel::RunQueryDsl;
    let mut conn = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    conn.batch_execute(
        "create temporary view tables as select name from sqlite_master
         where type = 'table' and name not like 'sqlite\\_%' escape '\\' and name <> '__diesel_schema_migrations'",
    )
    .unwrap();
    let columns = "select t.name as table_name, c.name as column_name, lower(c.type) as kind,
          c.\"notnull\" = 0 as nullable
        from tables t join pragma_table_info(t.name) c";
    let unique = "select t.name as table_name, i.partial <> 0 as partial,
          (select group_concat(coalesce(name, '<expression>'), ', ' order by seqno)
             from pragma_index_info(i.name)) as columns
        from tables t join pragma_index_list(t.name) i where i.\"unique\" = 1";
    let references = "select t.name as table_name, f.\"table\" as target, f.on_delete,
          group_concat(f.\"from\", ', ' order by f.seq) as columns,
          group_concat(f.\"to\", ', ' order by f.seq) as target_columns
        from tables t join pragma_foreign_key_list(t.name) f group by t.name, f.id";
    catalogue(
        sql_query(columns).load(&mut conn).unwrap(),
        sql_query(unique).load(&mut conn).unwrap(),
        sql_query(references).load(&mut conn).unwrap(),
    )
}

#[test]
fn both_databases_have_the_same_tables_columns_keys_and_references() {
    conformance::block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("schema.db");
        sqlite::migrate(&path).await.unwrap();
        let (postgres, sqlite) = (of_postgres().await, of_sqlite(&path));
        for (name, table) in &postgres {
            assert_eq!(Some(table), sqlite.get(name), "{name}: PostgreSQL left, SQLite right");
        }
        assert_eq!(postgres.keys().collect::<Vec<_>>(), sqlite.keys().collect::<Vec<_>>());

        let steps = &postgres["agent_steps"];
        assert!(steps.unique.contains(&("workspace_id, run_id, number".to_owned(), false)), "{steps:?}");
        let run = "(workspace_id, run_id) references agent_runs (workspace_id, id) on delete no action";
        assert!(steps.references.contains(run), "{steps:?}");
        assert!(postgres["jobs"].unique.contains(&("kind, <expression>, dedup_key".to_owned(), true)));
    });
}

#[test]
fn a_difference_is_seen() {
    conformance::block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("schema.db");
        sqlite::migrate(&path).await.unwrap();
        let migrated = of_sqlite(&path);
        for change in [
            "alter table moves rename column brief to summary",
            "create unique index extra on moves (workspace_id, title)",
            "alter table moves add column parent blob references campaigns (id)",
        ] {
            let before = of_sqlite(&path);
            let mut conn = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
            conn.batch_execute(change).unwrap();
            let after = of_sqlite(&path);
            assert_ne!(before["moves"], after["moves"], "{change}");
            assert_ne!(migrated["moves"], after["moves"], "{change}");
        }
    });
}
