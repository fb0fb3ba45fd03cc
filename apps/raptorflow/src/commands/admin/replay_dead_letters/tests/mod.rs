use super::*;
use kernel::testing::{call_by, environment};
use kernel::{
    Environment, JobQueue, JobState, Kinds, NewJob, RelayUow, Settlement, StoreResult, SystemScope,
};
use memory::Store;
use std::{sync::Arc, time::Duration};

const SCOPE: SystemScope = SystemScope::for_worker();

async fn enqueue(store: &Store, jobs: Vec<NewJob>) {
    let units: &RelayUow = store;
    let enqueued: StoreResult<()> = units
        .run(&SCOPE, async |tx| {
            for job in jobs {
                assert!(tx.jobs().enqueue(job).await?);
            }
            Ok(())
        })
        .await;
    enqueued.unwrap();
}

/// So many of a kind; they are given up at once.
async fn dead_letters(store: &Store, env: &Environment, kind: &'static str, count: usize) {
    let ctx = call_by(env.id());
    let job =
        |number| NewJob::new(env, &ctx, kind, serde_json::json!({})).deduplicated(format!("{kind} {number}"));
    enqueue(store, (0..count).map(job).collect()).await;
    let (now, lease) = (env.now(), Duration::from_secs(30));
    while let Some(job) = store.claim(&SCOPE, Kinds::All, "w", now, lease).await.unwrap() {
        let failed = Settlement::Failed { error: "no".to_owned() };
        assert!(store.settle(&SCOPE, &job, &failed, now).await.unwrap());
    }
}

/// What the command says in the end, and how far its progress has come.
async fn replayed(store: &Arc<Store>, env: &Environment, kind: Option<&str>) -> (String, u64) {
    let letters = DeadLetterService {
        queue: store.clone(),
        workspaces: store.clone(),
        platform: store.clone(),
        env: env.clone(),
    };
    let progress = ProgressBar::hidden();
    let report = replay(&letters, &call_by(env.id()), kind, &progress).await.unwrap();
    (report, progress.position())
}

#[tokio::test]
async fn all_of_them_wait_again_however_many_there_are() {
    let (store, (env, _)) = (Arc::new(Store::default()), environment());
    dead_letters(&store, &env, "test.job", 250).await;
    assert_eq!(replayed(&store, &env, None).await, ("250 wait again\n".to_owned(), 250));
    assert_eq!(store.count(&SCOPE, JobState::Queued).await, Ok(250));
    assert_eq!(replayed(&store, &env, None).await, ("0 wait again\n".to_owned(), 0));
}

#[tokio::test]
async fn one_kind_waits_again_but_for_what_a_younger_job_replaces() {
    let (store, (env, _)) = (Arc::new(Store::default()), environment());
    dead_letters(&store, &env, "test.job", 101).await;
    dead_letters(&store, &env, "test.other", 1).await;
    let younger = NewJob::new(&env, &call_by(env.id()), "test.job", serde_json::json!({}));
    enqueue(&store, vec![younger.deduplicated("test.job 0".to_owned())]).await;
    let said = "100 wait again; 1 stay, as a younger job does the same\n".to_owned();
    assert_eq!(replayed(&store, &env, Some("test.job")).await, (said, 100));
    assert_eq!(store.count(&SCOPE, JobState::Failed).await, Ok(2), "that one, and the other kind's");
}
