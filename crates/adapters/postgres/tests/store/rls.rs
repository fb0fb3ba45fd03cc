//! Row-level security stands behind every query's own conditions: what the catalogue says, and what happens without.

use crate::support::{self, url, with_database};
use conformance::{Stores, Tenant, block_on, campaigns, workspaces};
use diesel::{
    QueryableByName, sql_query,
    sql_types::{Array, BigInt, Bool, Nullable, Text},
};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use kernel::Role;

const OWNER: &str = "TEST_POSTGRES_OWNER_URL";
const APP: &str = "TEST_POSTGRES_APP_URL";

/// Tables of which nobody changes or removes a row through the app role.
const APPEND_ONLY: [&str; 3] = ["events", "context_versions", "agent_steps"];

async fn migrated() -> AsyncPgConnection {
    support::shared().await;
    AsyncPgConnection::establish(&url(OWNER)).await.unwrap()
}

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
}

async fn names(conn: &mut AsyncPgConnection, query: &str) -> Vec<String> {
    let rows: Vec<Name> = sql_query(query).load(conn).await.unwrap();
    rows.into_iter().map(|row| row.name).collect()
}

const TABLES: &str = "pg_class t where t.relnamespace = 'public'::regnamespace
    and t.relkind in ('r', 'p') and t.relname <> '__diesel_schema_migrations'";

#[test]
fn every_table_is_under_row_level_security_and_forced() {
    block_on(async {
        let mut conn = migrated().await;
        let all = names(&mut conn, &format!("select t.relname::text as name from {TABLES}")).await;
        assert!(all.contains(&"memberships".to_owned()), "{all:?}");
        let open = format!(
            "select t.relname::text as name from {TABLES} and not (t.relrowsecurity and t.relforcerowsecurity)"
        );
        assert_eq!(names(&mut conn, &open).await, [""; 0]);
        let without = format!(
            "select t.relname::text as name from {TABLES}
               and not exists (select from pg_policy p where p.polrelid = t.oid)"
        );
        assert_eq!(names(&mut conn, &without).await, [""; 0]);
    });
}

#[test]
fn nothing_stands_beside_the_tables_that_would_show_their_rows() {
    block_on(async {
        let mut conn = migrated().await;
        let views = "select relname::text as name from pg_class
            where relnamespace = 'public'::regnamespace and relkind in ('v', 'm', 'f')";
        assert_eq!(names(&mut conn, views).await, [""; 0]);
        let definers = "select proname::text as name from pg_proc
            where pronamespace = 'public'::regnamespace and prosecdef";
        assert_eq!(names(&mut conn, definers).await, [""; 0]);
    });
}

#[derive(Debug, QueryableByName)]
struct Powers {
    #[diesel(sql_type = Text)]
    rolname: String,
    #[diesel(sql_type = Bool)]
    powerful: bool,
    #[diesel(sql_type = BigInt)]
    owned: i64,
    #[diesel(sql_type = BigInt)]
    member_of: i64,
}

#[test]
fn the_roles_own_nothing_and_bypass_nothing() {
    block_on(async {
        let mut conn = migrated().await;
        let powers = "select rolname::text,
              rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication as powerful,
              (select count(*) from pg_shdepend where refobjid = r.oid and deptype = 'o') as owned,
              (select count(*) from pg_auth_members where member = r.oid) as member_of
            from pg_roles r where rolname in ('rf_app', 'rf_system') order by 1";
        let roles: Vec<Powers> = sql_query(powers).load(&mut conn).await.unwrap();
        assert_eq!(
            roles.iter().map(|role| role.rolname.as_str()).collect::<Vec<_>>(),
            ["rf_app", "rf_system"]
        );
        for role in &roles {
            assert!(!role.powerful && role.owned == 0 && role.member_of == 0, "{role:?}");
        }
        let excess = format!(
            "select t.relname || ' ' || role || ' ' || privilege as name
             from unnest(array['rf_app', 'rf_system']) role, unnest(array['truncate', 'references', 'trigger'])
               privilege, {TABLES} and has_table_privilege(role, t.oid, privilege)"
        );
        assert_eq!(names(&mut conn, &excess).await, [""; 0], "`truncate` asks no policy");
    });
}

#[test]
fn what_is_append_only_can_be_neither_changed_nor_removed() {
    block_on(async {
        let mut conn = migrated().await;
        for table in APPEND_ONLY {
            let change = format!(
                "select privilege as name from unnest(array['update', 'delete']) privilege
                 where has_table_privilege('rf_app', '{table}', privilege)
                   or privilege = 'update' and has_any_column_privilege('rf_app', '{table}', privilege)"
            );
            assert_eq!(names(&mut conn, &change).await, [""; 0], "{table}");
        }
    });
}

#[derive(Debug, QueryableByName)]
struct Policy {
    #[diesel(sql_type = Text)]
    tablename: String,
    #[diesel(sql_type = Text)]
    policyname: String,
    #[diesel(sql_type = Array<Text>)]
    roles: Vec<String>,
    #[diesel(sql_type = Nullable<Text>)]
    qual: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    with_check: Option<String>,
}

#[test]
fn every_policy_names_one_role_and_those_of_the_system_see_all_or_purge() {
    block_on(async {
        let mut conn = migrated().await;
        let all = "select tablename::text, policyname::text, roles::text[], qual, with_check
            from pg_policies where schemaname = 'public'";
        let policies: Vec<Policy> = sql_query(all).load(&mut conn).await.unwrap();
        for policy in &policies {
            let conditions: Vec<&String> = policy.qual.iter().chain(&policy.with_check).collect();
            let fine = match policy.roles.as_slice() {
                // Their form is what the server looks at when it starts: the test below.
                [role] if role == "rf_app" => !conditions.is_empty(),
                // In which workspace a purge deletes is tried out in `purge.rs`.
                [role] if role == "rf_system" => {
                    policy.policyname == "purge" || conditions.iter().all(|condition| *condition == "true")
                }
                _ => false,
            };
            assert!(fine, "{} of {}: {policy:?}", policy.policyname, policy.tablename);
        }
    });
}

/// What the server finds at its start when the owner has done this to the database.
async fn faults_after(change: &str) -> Vec<String> {
    let database = support::fresh_database().await;
    let mut owner = AsyncPgConnection::establish(&with_database(&url(OWNER), &database)).await.unwrap();
    owner.batch_execute(change).await.unwrap();
    postgres::role_faults(&with_database(&url(APP), &database)).await.unwrap()
}

#[test]
fn the_start_sees_whatever_would_let_rows_out() {
    block_on(async {
        assert_eq!(faults_after("select 1").await, [""; 0]);
        let scalar = "(select nullif(current_setting('app.workspace_id', true), '')::uuid)";
        for (change, fault) in [
            ("alter table moves no force row level security".to_owned(), "moves is not protected"),
            ("alter table moves disable row level security".to_owned(), "moves is not protected"),
            ("drop policy tenant on moves; drop policy purge on moves".to_owned(), "moves has no policy"),
            (
                "create policy open on moves to rf_app using (true)".to_owned(),
                "the policy open of moves has another form",
            ),
            (
                format!(
                    "create policy open on moves using (workspace_id = {scalar} or workspace_id is null)"
                ),
                "the policy open of moves has another form",
            ),
            (
                "create policy bare on moves to rf_app
                   using (workspace_id = current_setting('app.workspace_id', true)::uuid)"
                    .to_owned(),
                "the policy bare of moves has another form",
            ),
            ("grant truncate on moves to rf_app".to_owned(), "moves can be truncated"),
            ("create view leak as select * from moves".to_owned(), "leak shows rows as its owner sees them"),
            (
                "create function leak() returns setof moves language sql security definer
                   as 'select * from moves'"
                    .to_owned(),
                "leak runs as its owner",
            ),
        ] {
            assert_eq!(faults_after(&change).await, [fault], "{change}");
        }
    });
}

/// A connection of the app role, as a repository without conditions would use it.
struct Unfiltered(AsyncPgConnection);

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

impl Unfiltered {
    async fn connect(database: &str) -> Self {
        Self(AsyncPgConnection::establish(&with_database(&url(APP), database)).await.unwrap())
    }

    async fn count(&mut self, settings: &str, table: &str) -> i64 {
        self.0.batch_execute(&format!("begin; {settings}")).await.unwrap();
        let counted =
            sql_query(format!("select count(*) from {table}")).get_result::<Count>(&mut self.0).await;
        self.0.batch_execute("rollback").await.unwrap();
        counted.unwrap().count
    }

    /// How many rows the statement changes.
    async fn changed(&mut self, settings: &str, statement: &str) -> usize {
        self.0.batch_execute(&format!("begin; {settings}")).await.unwrap();
        let changed = sql_query(statement).execute(&mut self.0).await;
        self.0.batch_execute("rollback").await.unwrap();
        changed.unwrap()
    }

    async fn refused(&mut self, settings: &str, statement: &str) -> String {
        self.0.batch_execute(&format!("begin; {settings}")).await.unwrap();
        let answer = self.0.batch_execute(statement).await;
        self.0.batch_execute("rollback").await.unwrap();
        answer.unwrap_err().to_string()
    }
}

fn in_workspace(tenant: &Tenant) -> String {
    format!("set local app.workspace_id = '{}'", tenant.scope.workspace())
}

fn as_person(tenant: &Tenant) -> String {
    format!("set local app.user_id = '{}'", workspaces::user(tenant))
}

async fn with_a_campaign(stores: &Stores) -> Tenant {
    let tenant = stores.tenant();
    workspaces::found(stores, &tenant, "acme").await;
    campaigns::store(stores, &tenant, &campaigns::draft(stores, &tenant, "c"), &[]).await;
    tenant
}

#[test]
fn without_the_guard_an_unfiltered_query_shows_another_tenants_rows() {
    block_on(async {
        let database = support::fresh_database().await;
        let stores = Stores::of(support::open(&database));
        let (mine, _theirs) = (with_a_campaign(&stores).await, with_a_campaign(&stores).await);
        let mut app = Unfiltered::connect(&database).await;
        assert_eq!(app.count(&in_workspace(&mine), "campaigns").await, 1);
        assert_eq!(app.count("", "campaigns").await, 0, "the connection has been used, no setting is left");

        let mut owner = AsyncPgConnection::establish(&with_database(&url(OWNER), &database)).await.unwrap();
        owner.batch_execute("alter table campaigns disable row level security").await.unwrap();
        assert_eq!(app.count(&in_workspace(&mine), "campaigns").await, 2, "the leak");
        assert_eq!(app.count(&in_workspace(&mine), "agents").await, 0);
    });
}

#[test]
fn a_person_sees_their_memberships_and_workspaces_only() {
    block_on(async {
        let database = support::fresh_database().await;
        let stores = Stores::of(support::open(&database));
        let (mine, theirs) = (with_a_campaign(&stores).await, with_a_campaign(&stores).await);
        let _third = with_a_campaign(&stores).await;
        workspaces::join(&stores, &theirs.scope, workspaces::user(&mine), Role::Member, stores.env.now())
            .await;
        let mut app = Unfiltered::connect(&database).await;
        for (settings, memberships, workspaces, campaigns) in [
            (as_person(&mine), 2, 2, 0),
            (as_person(&theirs), 1, 1, 0),
            (in_workspace(&mine), 1, 1, 1),
            (in_workspace(&theirs), 2, 1, 1),
            (format!("{}; {}", as_person(&mine), in_workspace(&mine)), 2, 2, 1),
            (String::new(), 0, 0, 0),
        ] {
            assert_eq!(app.count(&settings, "memberships").await, memberships, "{settings}");
            assert_eq!(app.count(&settings, "workspaces").await, workspaces, "{settings}");
            assert_eq!(app.count(&settings, "campaigns").await, campaigns, "{settings}");
        }
    });
}

#[test]
fn nobody_makes_themselves_a_member_elsewhere() {
    block_on(async {
        let database = support::fresh_database().await;
        let stores = Stores::of(support::open(&database));
        let (mine, theirs) = (with_a_campaign(&stores).await, with_a_campaign(&stores).await);
        let mut app = Unfiltered::connect(&database).await;
        let join = format!(
            "insert into memberships values ('{}', '{}', 'owner', now())",
            theirs.scope.workspace(),
            workspaces::user(&mine)
        );
        for settings in [as_person(&mine), format!("{}; {}", as_person(&mine), in_workspace(&mine))] {
            let refused = app.refused(&settings, &join).await;
            assert!(refused.contains("violates row-level security policy"), "{refused}");
        }
        workspaces::join(&stores, &theirs.scope, workspaces::user(&mine), Role::Member, stores.env.now())
            .await;
        for change in ["update memberships set role = 'owner'", "delete from memberships"] {
            let elsewhere = app.changed(&as_person(&mine), change).await;
            assert_eq!(elsewhere, 0, "a person sees their memberships and writes none: {change}");
            let here = format!("{}; {}", as_person(&mine), in_workspace(&mine));
            assert_eq!(app.changed(&here, change).await, 1, "the one of the unit's workspace: {change}");
        }
        let mut conn = AsyncPgConnection::establish(&with_database(&url(APP), &database)).await.unwrap();
        conn.batch_execute(&format!("begin; {}", as_person(&mine))).await.unwrap();
        let renamed = sql_query("update workspaces set name = 'mine'").execute(&mut conn).await.unwrap();
        assert_eq!(renamed, 0, "a member reads the workspace; only its own units write it");
    });
}
