use super::Log;
use crate::sql::{Durability, Fail, Pools, Settings, Store};
use diesel::{ConnectionError, QueryResult, SqliteConnection, connection::SimpleConnection};
use diesel_async::{
    AsyncConnection, SimpleAsyncConnection,
    pooled_connection::{
        AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod,
        deadpool::{Object, Pool},
    },
    sync_connection_wrapper::{SpawnBlocking, SyncConnectionWrapper},
};
use futures_util::{
    FutureExt,
    future::{BoxFuture, ready},
};
use kernel::{StoreError, StoreResult};
use std::{
    cell::Cell,
    future::poll_fn,
    path::PathBuf,
    pin::pin,
    sync::OnceLock,
    task::{Context, Waker},
    time::Duration,
};
use tokio::runtime::Handle;
use uuid::Uuid;

pub(crate) type Conn = SyncConnectionWrapper<SqliteConnection, Home>;
pub(crate) type ConnPool = Pool<Conn>;
pub(crate) type Held = Object<Conn>;

/// Where blocking calls run: a runtime named at start, never the caller's. A dropped call is detached and runs to its
/// end; diesel-async's own choice panics when a call is dropped on a current-thread runtime, as actix's workers are.
pub(crate) struct Home(pub(super) Handle);

static HOME: OnceLock<Handle> = OnceLock::new();

thread_local! {
    /// Whether this thread does its own blocking calls.
    static BLOCKS: Cell<bool> = const { Cell::new(false) };
}

/// Does the work here and now, as far as it does not wait for anybody: its statements take less than a trip to another thread
/// and back. The rest is done behind the caller's back, on one thread that blocks. What ends the runtime drops the work.
pub(crate) fn work_behind(work: impl Future<Output = ()> + Send + 'static) {
    let mut work = Box::pin(work);
    let nobody = &mut Context::from_waker(Waker::noop());
    if blocking(|| work.as_mut().poll(nobody)).is_ready() {
        return;
    }
    let Home(home) = Home::get_runtime();
    let runtime = home.clone();
    drop(home.spawn_blocking(move || blocking(|| runtime.block_on(work))));
}

/// A transaction from its second statement on. A short one is done by the thread that it was called on, as soon as it has begun,
/// and so has the lock of the file: nothing that follows waits for anybody else, and each trip to another thread and back is
/// longer than a statement. (Of a thousand commits or so one waits for the disk, as the log begins anew.) With the trips: 2,090
/// writes a second, p99 21 ms; without: 3,390 and 16.
pub(crate) async fn on_its_way<R>(is_short: bool, work: impl Future<Output = R>) -> R {
    if !is_short {
        return work.await;
    }
    let mut work = pin!(work);
    poll_fn(|context| blocking(|| work.as_mut().poll(context))).await
}

fn blocking<R>(work: impl FnOnce() -> R) -> R {
    /// Also when the work panics: else a thread that serves requests would block from then on.
    struct Before(bool);

    impl Drop for Before {
        fn drop(&mut self) {
            BLOCKS.set(self.0);
        }
    }

    let _before = Before(BLOCKS.replace(true));
    work()
}

impl SpawnBlocking for Home {
    fn spawn_blocking<'a, R: Send + 'static>(
        &mut self,
        task: impl FnOnce() -> R + Send + 'static,
    ) -> BoxFuture<'a, Result<R, Box<dyn std::error::Error + Send + Sync + 'static>>> {
        if BLOCKS.get() {
            return ready(Ok(task())).boxed();
        }
        let running = self.0.spawn_blocking(task);
        async move { running.await.map_err(Into::into) }.boxed()
    }

    fn get_runtime() -> Self {
        Self(HOME.get().cloned().unwrap_or_else(Handle::current))
    }
}

/// Where the file is and how it is used.
#[derive(Debug, Clone)]
pub struct Options {
    /// The database file; its folder must exist.
    pub path: PathBuf,
    /// Connections that read, beside the one that writes.
    pub readers: usize,
    /// How long to wait for a connection before the caller is told that the database is busy.
    pub wait: Duration,
}

/// Opens the pools; connections are made when they are needed. All stores of a process block on the runtime of the
/// first `home`.
///
/// # Errors
/// When a pool can't be built.
pub fn open(options: &Options, home: &Handle) -> StoreResult<Store> {
    let _ = HOME.set(home.clone());
    let readers = pool(options, options.readers)?;
    // Four writers on `busy_timeout` measured a p99 of 600 ms and more; one, in turn, 11 ms at the same throughput.
    let writer = pool(options, 1)?;
    Ok(Store::over(Pools {
        tenant_reads: readers.clone(),
        tenant_writes: writer.clone(),
        system_reads: readers,
        system_writes: writer,
        log: Log::of(&options.path),
    }))
}

/// Of every connection. `synchronous` is full where nothing else is said, as for the schema's versions.
pub(crate) const SETUP: &str = "pragma busy_timeout = 5000; pragma journal_mode = wal; \
    pragma foreign_keys = on; pragma wal_autocheckpoint = 20000;";

/// Commits are flushed together; see `Log`.
const GROUPED: &str = "pragma synchronous = normal";

fn pool(options: &Options, size: usize) -> StoreResult<Pool<Conn>> {
    let mut config = ManagerConfig::<Conn>::default();
    config.recycling_method = RecyclingMethod::Fast;
    config.custom_setup = Box::new(move |path| {
        let path = path.to_owned();
        async move {
            let mut conn = Conn::establish(&path).await?;
            let setup = format!("{SETUP}{GROUPED}");
            conn.batch_execute(&setup).await.map_err(ConnectionError::CouldntSetupConfiguration)?;
            Ok(conn)
        }
        .boxed()
    });
    let path = options.path.to_str();
    let path = path.ok_or_else(|| StoreError::Internal("the database's path is not UTF-8".to_owned()))?;
    // deadpool waits for ever by default.
    Pool::builder(AsyncDieselConnectionManager::new_with_config(path, config))
        .max_size(size)
        .wait_timeout(Some(options.wait))
        .create_timeout(Some(Duration::from_secs(5)))
        .recycle_timeout(Some(options.wait))
        .runtime(deadpool::Runtime::Tokio1)
        .build()
        .map_err(|e| StoreError::Internal(e.to_string()))
}

/// The pools by their names, each once.
pub(crate) const fn named(pools: &Pools) -> [(&'static str, &Pool<Conn>); 2] {
    [("readers", &pools.tenant_reads), ("writer", &pools.tenant_writes)]
}

pub(crate) async fn take(pool: &Pool<Conn>) -> Result<Held, Fail> {
    pool.get().await.map_err(|error| Fail::Pool(error.to_string()))
}

/// SQLite has no settings of a transaction: the scope is in each query's own conditions.
pub(crate) async fn begin(conn: &mut Conn, settings: Settings, _: Durability) -> QueryResult<()> {
    tracing::trace!(workspace.id = ?settings.workspace, user.id = ?settings.user, "begin");
    conn.batch_execute("begin immediate").await
}

/// Writes the log; `Log::ended` brings it to the disk. Nobody else needs to be told whose standing it may touch: one process has
/// the file.
pub(crate) async fn commit(conn: &mut Conn, _: &[Uuid], log: &Log) -> QueryResult<()> {
    let log = log.clone();
    // Counted where it takes place, as it does when the caller has gone away.
    let commit = move |conn: &mut SqliteConnection| log.count(|| conn.batch_execute("commit"));
    conn.spawn_blocking(commit).await
}

pub(crate) async fn rollback(conn: &mut Conn) -> QueryResult<()> {
    conn.batch_execute("rollback").await
}

/// A unit of work was dropped half way: its connection may still be at work, so it leaves the pool and closes, which
/// rolls back.
pub(crate) fn abandon(held: Held) {
    drop(Object::take(held));
}

/// Another connection would lead to the same file.
pub(crate) fn distrust(_: &Held) {}
