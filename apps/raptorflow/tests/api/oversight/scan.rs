//! What is left of an erased person in a database: every column of every table is looked through.

use crate::fixture::adapters;
use crate::fixture::databases::{on_postgres, on_sqlite, runtime};
use crate::fixture::logins::Mailbox;
use diesel::{QueryableByName, SqliteConnection, sql_query, sql_types::Text};
use diesel_async::{AsyncConnection, AsyncPgConnection, SimpleAsyncConnection};
use identity::services::{Authenticated, LogIn, SignUp};
use kernel::testing::{ManualClock, call_by};
use kernel::{
    Actor, CallContext, CorrelationId, Environment, IdempotencyKey, Role, UserScope, WorkspaceScope,
};
use raptorflow::wiring::{Services, Store};
use raptorflow::worker::{Signal, Worker};
use std::sync::Arc;
use workspace::services::CreateWorkspace;

const ADDRESS: &str = "Grace.Hopper@navy.example";
const NAME: &str = "Amazing Grace";
const CLIENT: &str = "2001:db8::beef";
const AGENT: &str = "Cobol-Browser/59";
const PASSWORD: &str = "correct horse battery";

/// A call from where the person is.
fn seen(actor: Actor, key: &str) -> CallContext {
    CallContext {
        address: Some(CLIENT.parse().unwrap()),
        user_agent: Some(AGENT.to_owned()),
        idempotency: Some(IdempotencyKey {
            caller: format!("scan {key}"),
            key: key.to_owned(),
            request_hash: "h".to_owned(),
        }),
        ..CallContext::new(actor, CorrelationId::parse("scan-call").unwrap())
    }
}

/// A person and what became of them.
struct Life {
    services: Services,
    worker: Worker,
    login: Authenticated,
}

impl Life {
    /// Somebody signs up, comes in, fails to, and makes a workspace.
    async fn lived<S: Store>(store: S) -> Self {
        let clock = Arc::new(ManualClock::at("2026-03-02T09:00:00Z"));
        let ids = kernel::TimeOrderedIds::new(clock.clone(), Arc::new(kernel::SystemRandomness));
        let env = Environment { clock, ids: Arc::new(ids) };
        let mailbox = Arc::new(Mailbox::default());
        let (services, parts) =
            Services::over(&Arc::new(store), adapters(&env, &mailbox, local::LiveStreams::new()));
        let worker = Worker::new(parts, Arc::new(Signal::default()));
        let form =
            SignUp { email: ADDRESS.into(), password: PASSWORD.into(), display_name: Some(NAME.into()) };
        let account = services.accounts.sign_up(&seen(Actor::Anonymous, "sign-up"), &form).await.unwrap();
        worker.run_until_idle().await.unwrap();
        let token = mailbox.token_to(ADDRESS);
        services.accounts.verify_email(&seen(Actor::Anonymous, "verify"), &token).await.unwrap();
        for (password, comes_in) in [("a wrong password", false), (PASSWORD, true)] {
            let form = LogIn { email: ADDRESS.into(), password: password.into() };
            let answer = services.sessions.log_in(&seen(Actor::Anonymous, password), &form).await;
            assert_eq!(answer.is_ok(), comes_in);
        }
        let ctx = seen(Actor::User(account.id), "workspace");
        let new = CreateWorkspace { name: "Flow-Matic".into(), slug: None, time_zone: None };
        services.workspaces.create(&ctx, &UserScope::of(&ctx).unwrap(), new).await.unwrap();
        worker.run_until_idle().await.unwrap();
        invited(&services, &env, "Navy").await;
        worker.run_until_idle().await.unwrap();
        let token = mailbox.token_to(ADDRESS);
        services.invitations.accept(&seen(Actor::Anonymous, "accept"), &token).await.unwrap();
        invited(&services, &env, "Yale").await;
        worker.run_until_idle().await.unwrap();
        let login = Authenticated { user: account.id, session: Some(env.id()), since: env.now() };
        Self { services, worker, login }
    }

    async fn erased(&self) {
        let ctx = call_by(self.login.user);
        self.services.personal_data.erase_own(&ctx, &self.login).await.unwrap();
        self.worker.run_until_idle().await.unwrap();
    }
}

/// Somebody else invites the person's address.
async fn invited(services: &Services, env: &Environment, to: &str) {
    let ctx = call_by(env.id());
    let new = CreateWorkspace { name: to.into(), slug: None, time_zone: None };
    let made = services.workspaces.create(&ctx, &UserScope::of(&ctx).unwrap(), new).await.unwrap();
    let memberships = services.memberships.as_ref();
    let scope = WorkspaceScope::authorise(memberships, &ctx, made.workspace.id).await.unwrap();
    let keyed = CallContext { idempotency: seen(ctx.actor, to).idempotency, ..ctx };
    services.invitations.invite(&keyed, &scope, ADDRESS, Role::Member).await.unwrap();
}

/// Which of what identified the person is in these texts.
fn left(rows: &[String]) -> Vec<&'static str> {
    let rows: Vec<String> = rows.iter().map(|row| row.to_lowercase()).collect();
    let is_there = |needle: &&str| rows.iter().any(|row| row.contains(&needle.to_lowercase()));
    [ADDRESS, NAME, CLIENT, AGENT].into_iter().filter(is_there).collect()
}

#[derive(QueryableByName)]
struct Value {
    #[diesel(sql_type = Text)]
    value: String,
}

fn values_of_sqlite(conn: &mut SqliteConnection, query: &str) -> Vec<String> {
    use diesel::RunQueryDsl;
    let rows: Vec<Value> = sql_query(query).load(conn).unwrap();
    rows.into_iter().map(|row| row.value).collect()
}

/// Every value of every column as text; a JSON column's bytes hold its texts as they are.
fn dump_of_sqlite(path: &std::path::Path) -> Vec<String> {
    use diesel::Connection;
    let mut conn = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    let columns =
        "select 'select hex(cast(\"' || c.name || '\" as blob)) as value from \"' || t.name || '\"' as value
        from sqlite_master t join pragma_table_info(t.name) c where t.type = 'table'";
    let mut rows = Vec::new();
    for query in values_of_sqlite(&mut conn, columns) {
        for hex in values_of_sqlite(&mut conn, &query) {
            let bytes: Vec<u8> = (0..hex.len())
                .step_by(2)
                .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap())
                .collect();
            rows.push(String::from_utf8_lossy(&bytes).into_owned());
        }
    }
    rows
}

#[test]
fn sqlite_keeps_nothing_that_identifies_an_erased_person() {
    runtime().block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("scan.db");
        let life = Life::lived(on_sqlite(&path).await).await;
        assert_eq!(left(&dump_of_sqlite(&path)), [ADDRESS, NAME, CLIENT, AGENT], "a scan that finds them");
        life.erased().await;
        assert_eq!(left(&dump_of_sqlite(&path)), [""; 0]);
    });
}

async fn values_of_postgres(conn: &mut AsyncPgConnection, query: &str) -> Vec<String> {
    use diesel_async::RunQueryDsl;
    let rows: Vec<Value> = sql_query(query).load(conn).await.unwrap();
    rows.into_iter().map(|row| row.value).collect()
}

async fn dump_of_postgres(url: &str) -> Vec<String> {
    let mut conn = AsyncPgConnection::establish(url).await.unwrap();
    // The owner is under the forced policies, too.
    let tables = "select tablename::text as value from pg_tables where schemaname = 'public'";
    let tables = values_of_postgres(&mut conn, tables).await;
    let mut rows = Vec::new();
    for table in &tables {
        conn.batch_execute(&format!("alter table {table} no force row level security")).await.unwrap();
        let query = format!("select t::text as value from {table} t");
        rows.extend(values_of_postgres(&mut conn, &query).await);
        if table != "__diesel_schema_migrations" {
            conn.batch_execute(&format!("alter table {table} force row level security")).await.unwrap();
        }
    }
    rows
}

#[test]
fn postgresql_keeps_nothing_that_identifies_an_erased_person() {
    runtime().block_on(async {
        let (store, owner) = on_postgres().await;
        let life = Life::lived(store).await;
        assert_eq!(left(&dump_of_postgres(&owner).await), [ADDRESS, NAME, CLIENT, AGENT]);
        life.erased().await;
        assert_eq!(left(&dump_of_postgres(&owner).await), [""; 0]);
    });
}
