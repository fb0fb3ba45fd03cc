//! Facts that a newer build wrote, in a database of SQLite: the memory store has what it was given.

use super::*;
use diesel::{Connection, RunQueryDsl, SqliteConnection, sql_query};
use std::path::Path;
use tokio::runtime::Handle;

fn write(file: &Path, statement: &str) {
    let mut newer = SqliteConnection::establish(file.to_str().unwrap()).unwrap();
    assert_eq!(sql_query(statement).execute(&mut newer).unwrap(), 1, "{statement}");
}

#[tokio::test]
async fn a_fact_that_can_not_be_read_becomes_a_job_and_is_had_by_a_build_that_can() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("test.db");
    sqlite::migrate(&path).await.unwrap();
    let options = sqlite::Options { path: path.clone(), readers: 1, wait: Duration::from_secs(10) };
    let store = Arc::new(sqlite::open(&options, &Handle::current()).unwrap());
    let World { env, scope, consumer, consuming, .. } = world(Noting::default());
    let consuming = Consuming { uow: store.clone(), ..consuming };
    for _ in 0..3 {
        let fact = NewEvent::new(
            &env,
            &kernel::testing::call_by(env.id()),
            "thing.happened",
            ("thing", env.ids.uuid()),
            serde_json::json!({}),
        );
        let units: &dyn UnitOfWork<dyn campaign::ports::CampaignTx, WorkspaceScope> = store.as_ref();
        let told: StoreResult<()> =
            units.run(&scope, async |tx| tx.events().append(fact.clone()).await).await;
        told.unwrap();
    }
    write(&path, "update events set actor_kind = 'robot' where number = 2");
    consuming.pass().await;
    assert_eq!(*consumer.had.lock().unwrap(), [1, 3]);
    let lease = Duration::from_secs(30);
    let job =
        store.claim(&SystemScope::for_worker(), Kinds::All, "w", env.now(), lease).await.unwrap().unwrap();
    assert_eq!((&*job.kind, job.workspace_id), (CONSUME, Some(scope.workspace())));
    let again = ConsumeAgain { uow: store.clone(), env: env.clone(), consumers: vec![consumer.clone()] };
    let refused = again.handle(&job).await;
    assert!(matches!(refused, Err(JobFailure::Transient(_))), "{refused:?}");
    write(&path, "update events set actor_kind = 'system', actor_id = null where number = 2");
    again.handle(&job).await.unwrap();
    assert_eq!(*consumer.had.lock().unwrap(), [1, 3, 2]);
}
