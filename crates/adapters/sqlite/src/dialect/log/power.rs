//! What is left when the machine loses its power: of the log, what had been flushed by then.

use super::{Log, disk::NotFlushed, flush::Flush};
use crate::sql::{Store, TenantUnit, Written};
use conformance::Stores;
use diesel::{QueryableByName, sql_query, sql_types::BigInt};
use diesel_async::SimpleAsyncConnection;
use futures_util::{FutureExt, future::join_all};
use kernel::{StoreError, StoreResult, UnitOfWork, WorkspaceScope};
use std::{
    io,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering::SeqCst},
        mpsc,
    },
    time::Duration,
};
use tempfile::TempDir;

const WRITES: u32 = 100;

/// A store on files whose disk is another folder: a flush copies the log there.
struct Machine {
    scope: WorkspaceScope,
    store: Store,
    disk: TempDir,
    files: TempDir,
    flushes: Arc<AtomicU32>,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

fn at(folder: &Path) -> PathBuf {
    folder.join("power.db")
}

fn log_of(folder: &Path) -> PathBuf {
    folder.join("power.db-wal")
}

fn open(folder: &Path) -> Store {
    let options = crate::Options { path: at(folder), readers: 2, wait: Duration::from_secs(20) };
    crate::open(&options, conformance::home()).unwrap()
}

async fn execute(
    scope: &WorkspaceScope,
    units: &dyn UnitOfWork<TenantUnit, WorkspaceScope>,
    statement: &str,
) -> StoreResult<()> {
    units
        .run(scope, async |unit| {
            let done = unit.conn()?.batch_execute(statement).await;
            unit.note(done)
        })
        .await
}

async fn count(scope: &WorkspaceScope, store: &Store) -> StoreResult<i64> {
    let asked = sql_query("select count(*) as count from written");
    let rows: Vec<Count> = store.read(scope, asked).await?;
    Ok(rows.iter().map(|row| row.count).sum())
}

impl Machine {
    async fn new() -> Self {
        let (files, disk) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        crate::migrate(&at(files.path())).await.unwrap();
        let mut store = open(files.path());
        let scope = Stores::of(store.clone()).tenant().scope;
        execute(&scope, &store, "create table written (id integer primary key)").await.unwrap();
        for file in [at, log_of] {
            std::fs::copy(file(files.path()), file(disk.path())).unwrap();
        }
        let (from, to) = (log_of(files.path()), log_of(disk.path()));
        let flushes = Arc::new(AtomicU32::new(0));
        let counted = flushes.clone();
        store.pools.log = log_by(move || {
            counted.fetch_add(1, SeqCst);
            std::fs::copy(&from, &to).map(drop).map_err(NotFlushed)
        });
        Self { scope, store, disk, files, flushes }
    }

    async fn write(&self, units: &dyn UnitOfWork<TenantUnit, WorkspaceScope>) {
        let writes = (0..WRITES).map(|id| async move {
            execute(&self.scope, units, &format!("insert into written values ({id})")).await.unwrap();
        });
        join_all(writes).await;
        assert_eq!(count(&self.scope, &self.store).await.unwrap(), i64::from(WRITES));
    }

    async fn after_its_power_was_lost(self) -> i64 {
        count(&self.scope, &open(self.disk.path())).await.unwrap()
    }
}

#[tokio::test]
async fn what_was_answered_is_still_there() {
    let machine = Machine::new().await;
    machine.write(&machine.store).await;
    assert_eq!(machine.after_its_power_was_lost().await, i64::from(WRITES));
}

#[tokio::test]
async fn what_does_not_wait_for_the_disk_is_lost() {
    let machine = Machine::new().await;
    machine.write(&Written(&machine.store)).await;
    assert_eq!(machine.after_its_power_was_lost().await, 0);
}

#[tokio::test]
async fn what_a_refusal_tells_of_is_still_there() {
    let machine = Machine::new().await;
    execute(&machine.scope, &Written(&machine.store), "insert into written values (1)").await.unwrap();
    let again = execute(&machine.scope, &machine.store, "insert into written values (1)").await;
    assert!(matches!(again, Err(StoreError::Conflict(_))), "{again:?}");
    assert_eq!(machine.after_its_power_was_lost().await, 1);
}

#[tokio::test]
async fn a_log_that_can_not_be_opened_refuses_the_commits_of_that_moment_only() {
    let mut machine = Machine::new().await;
    let flushes = machine.flushes.clone();
    let (from, to) = (log_of(machine.files.path()), log_of(machine.disk.path()));
    machine.store.pools.log = log_by(move || match flushes.fetch_add(1, SeqCst) {
        0 => Err(NotFlushed(io::Error::other("too many open files"))),
        _ => std::fs::copy(&from, &to).map(drop).map_err(NotFlushed),
    });
    let refused = execute(&machine.scope, &machine.store, "insert into written values (1)").await;
    assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
    execute(&machine.scope, &machine.store, "insert into written values (2)").await.unwrap();
    assert_eq!(machine.after_its_power_was_lost().await, 2, "the next flush serves the one before as well");
}

fn log_by(disk: impl Fn() -> Result<(), NotFlushed> + Send + Sync + 'static) -> Log {
    Log::over(Flush::by(Box::new(disk)))
}

/// A flush that ends when it is told to.
fn held_log() -> (Log, mpsc::Receiver<()>, mpsc::Sender<()>) {
    let ((begins, begun), (end, ends)) = (mpsc::channel(), mpsc::channel());
    let ends = Mutex::new(ends);
    let log = log_by(move || {
        begins.send(()).unwrap();
        ends.lock().unwrap().recv().map_err(|_| NotFlushed(io::Error::other("the test is over")))
    });
    (log, begun, end)
}

fn written(log: &Log) {
    log.count(|| Ok::<_, ()>(())).unwrap();
}

#[tokio::test]
async fn what_was_seen_of_a_commit_that_has_not_ended_waits_for_a_flush_of_its_own() {
    let (log, begun, end) = held_log();
    written(&log);
    end.send(()).unwrap();
    log.on_disk().await.unwrap();
    begun.recv().unwrap();
    log.on_disk().now_or_never().expect("all is on the disk").unwrap();
    let during = log.clone();
    let mut seen = log
        .count(|| {
            let mut seen = async move { during.on_disk().await }.boxed();
            assert!((&mut seen).now_or_never().is_none());
            Ok::<_, ()>(seen)
        })
        .unwrap();
    begun.recv().unwrap();
    assert!((&mut seen).now_or_never().is_none());
    end.send(()).unwrap();
    seen.await.unwrap();
}

#[test]
fn where_there_is_no_thread_any_more_who_waits_hears_of_it() {
    let (log, _, _) = held_log();
    written(&log);
    let ended = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let home = ended.handle().clone();
    drop(ended);
    let refused = log.flush.committed(&home).now_or_never().unwrap();
    assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
}

#[tokio::test]
async fn a_flush_does_not_serve_what_is_written_after_it_began() {
    let (log, begun, end) = held_log();
    let until = || log.on_disk().boxed();
    written(&log);
    let mut first = until();
    assert!((&mut first).now_or_never().is_none());
    begun.recv().unwrap();
    written(&log);
    let mut second = until();
    written(&log);
    let mut third = until();
    assert!((&mut second).now_or_never().is_none() && (&mut third).now_or_never().is_none());
    end.send(()).unwrap();
    first.await.unwrap();
    begun.recv().unwrap();
    assert!((&mut second).now_or_never().is_none());
    end.send(()).unwrap();
    second.await.unwrap();
    third.now_or_never().expect("those who wait at the same time share a flush").unwrap();
}

#[tokio::test]
async fn who_goes_away_while_waiting_stops_nobody() {
    let (log, begun, end) = held_log();
    written(&log);
    let mut gone = log.on_disk().boxed();
    assert!((&mut gone).now_or_never().is_none());
    drop(gone);
    begun.recv().unwrap();
    let mut waiting = log.on_disk().boxed();
    assert!((&mut waiting).now_or_never().is_none());
    end.send(()).unwrap();
    end.send(()).unwrap();
    waiting.await.unwrap();
}
