use super::lending::{ConnPool, Held};
use crate::{
    connect::connect,
    sql::{Durability, Fail, Pools, Settings, Store},
};
use diesel::{ConnectionError, QueryResult};
use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};
use futures_util::FutureExt;
use kernel::StoreResult;
use std::{
    fmt::Write,
    future::{Ready, ready},
    time::Duration,
};
use uuid::Uuid;

/// Where processes tell each other whose standing may have changed: one id a notice.
pub(crate) const STANDING_CHANGED: &str = "rf_standing_changed";

/// Where processes tell each other that there is work.
pub(crate) const WORK_WAITS: &str = "rf_work_waits";

pub(crate) type Conn = AsyncPgConnection;

/// How to reach the database. A URL's `sslmode=verify-full` encrypts the connection and verifies the server's
/// certificate and host name, as `require` and `verify-ca` do; `sslrootcert` names a PEM file with further roots to
/// trust. Any other mode, and none, is plain.
#[derive(Clone)]
pub struct Options {
    /// The app role's URL. It owns nothing and can't bypass row-level security.
    pub app_url: String,
    /// The system role's URL.
    pub system_url: String,
    /// Connections of the app role at most; the system role gets a quarter, at least two.
    pub pool_size: usize,
    /// How long to wait for a connection, and with it for another's lock, before the caller is told that the database
    /// is busy.
    pub wait: Duration,
    /// Become `rf_app` and `rf_system` after connecting: for development, where one URL serves all three roles.
    pub assume_roles: bool,
}

/// Opens the pools; connections are made when they are needed, each on the runtime of whoever needs it.
#[must_use]
pub fn open(options: &Options) -> Store {
    let role = |name: &'static str| options.assume_roles.then_some(name);
    let app = pool(&options.app_url, options.pool_size, options.wait, role("rf_app"));
    let system_size = (options.pool_size / 4).max(2);
    let system = pool(&options.system_url, system_size, options.wait, role("rf_system"));
    Store::over(Pools {
        tenant_reads: app.clone(),
        tenant_writes: app,
        system_reads: system.clone(),
        system_writes: system,
        log: Log,
    })
}

fn pool(url: &str, size: usize, wait: Duration, role: Option<&'static str>) -> ConnPool {
    let url = url.to_owned();
    let open = move || {
        let url = url.clone();
        async move { establish(&url, role, wait).await }.boxed()
    };
    ConnPool::new(size, wait, Box::new(open))
}

async fn establish(url: &str, role: Option<&'static str>, wait: Duration) -> diesel::ConnectionResult<Conn> {
    let mut conn = connect(url).await?;
    // Whoever waits for a lock keeps a connection from others, so it is given up after the time that they wait for
    // one. 0 would be for ever.
    let mut setup = format!(
        "set statement_timeout = '30s'; set idle_in_transaction_session_timeout = '60s'; set lock_timeout = {}",
        wait.as_millis().clamp(1, 30_000)
    );
    if let Some(role) = role {
        // Writing to a `String` can't fail.
        let _ = write!(setup, "; set role {role}");
    }
    conn.batch_execute(&setup).await.map_err(ConnectionError::CouldntSetupConfiguration)?;
    Ok(conn)
}

/// The pools by their names, each once.
pub(crate) const fn named(pools: &Pools) -> [(&'static str, &ConnPool); 2] {
    [("app", &pools.tenant_reads), ("system", &pools.system_reads)]
}

pub(crate) async fn take(pool: &ConnPool) -> Result<Held, Fail> {
    pool.get().await
}

/// The text that gives a connection this scope, by `set` until the next one or by `set local` for a transaction, where `known` is
/// what is set for it. It names both settings where that is not known. Only parsed UUIDs go into it, by the simple protocol.
pub(super) fn scope_sql(set: &str, known: Option<Settings>, settings: Settings) -> String {
    let mut sql = String::with_capacity(160);
    let both = |settings: Settings| [("workspace_id", settings.workspace), ("user_id", settings.user)];
    for (at, (name, value)) in both(settings).into_iter().enumerate() {
        if known.is_some_and(|known| both(known).get(at) == Some(&(name, value))) {
            continue;
        }
        // Writing to a `String` can't fail.
        let _ = match value {
            Some(id) => write!(sql, "{set} app.{name} = '{id}';"),
            None => write!(sql, "{set} app.{name} = '';"),
        };
    }
    sql
}

pub(crate) async fn begin(conn: &mut Conn, settings: Settings, durability: Durability) -> QueryResult<()> {
    let commits = match durability {
        Durability::OnDisk => "",
        // The log is flushed within three times `wal_writer_delay`, 600 ms unless the server says otherwise.
        Durability::Written => "set local synchronous_commit = off;",
    };
    conn.batch_execute(&format!("begin; {commits} {}", scope_sql("set local", None, settings))).await
}

/// `select 1` fails in an aborted transaction, where a bare `commit` would answer OK and store nothing. The notices go
/// out with the commit: PostgreSQL delivers them when, and only when, it has taken place.
pub(crate) async fn commit(conn: &mut Conn, standings: &[Uuid], _: &Log) -> QueryResult<()> {
    let mut sql = String::from("select 1");
    for id in standings {
        // Writing to a `String` can't fail.
        let _ = write!(sql, "; notify {STANDING_CHANGED}, '{id}'");
    }
    sql.push_str("; commit");
    conn.batch_execute(&sql).await
}

/// A transaction from its second statement on: wherever it was called.
pub(crate) fn on_its_way<F: Future>(_: bool, work: F) -> F {
    work
}

/// Runs the work behind the caller's back, on its runtime; what ends that drops the work.
pub(crate) fn work_behind(work: impl Future<Output = ()> + Send + 'static) {
    drop(tokio::spawn(work));
}

/// The server looks after its log itself: a commit is answered when it is as durable as it was asked to be.
#[derive(Clone)]
pub(crate) struct Log;

impl Log {
    pub(crate) fn on_disk(&self) -> Ready<StoreResult<()>> {
        ready(Ok(()))
    }

    pub(crate) fn ended(&self, _: Durability, _: &Pools) -> Ready<StoreResult<()>> {
        ready(Ok(()))
    }
}

pub(crate) async fn rollback(conn: &mut Conn) -> QueryResult<()> {
    conn.batch_execute("rollback").await
}

/// A unit of work was dropped half way: the rollback is queued behind whatever is in flight, then the connection goes
/// back. diesel's own judgement would come at the next checkout only, and the locks would stay until then.
pub(crate) fn abandon(held: Held) {
    let mut conn: &Conn = &held;
    let _ = conn.batch_execute("rollback").now_or_never();
}

/// A server that was the primary may stay there as a standby, and its connections with it: they are given up.
pub(crate) fn distrust(held: &Held) {
    held.leads_astray();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_to_be_set_is_not_set_again() {
        let [a, b] = [1, 2].map(Uuid::from_u128);
        let of = |workspace, user| Settings { workspace, user };
        let (in_a, in_b, person) = (of(Some(a), None), of(Some(b), None), of(None, Some(b)));
        let set_b = format!("set app.workspace_id = '{b}';");
        let nobody = "set app.user_id = '';";
        for (known, settings, sql) in [
            (None, in_b, format!("{set_b}{nobody}")),
            (Some(in_a), in_b, set_b.clone()),
            (Some(in_b), in_b, String::new()),
            (Some(person), in_b, format!("{set_b}{nobody}")),
            (Some(of(Some(b), Some(b))), in_b, nobody.to_owned()),
            (Some(in_b), person, format!("set app.workspace_id = '';set app.user_id = '{b}';")),
            (Some(Settings::default()), Settings::default(), String::new()),
        ] {
            assert_eq!(scope_sql("set", known, settings), sql);
        }
    }
}
