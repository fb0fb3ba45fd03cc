//! What becomes of the jobs of a worker that ends, in time that stands while anybody works.

use super::{
    wayward::{Wayward, Wrong},
    *,
};
use crate::worker::{GRACE, HAND_BACK, LEASE};
use async_trait::async_trait;
use futures_util::FutureExt;
use kernel::{Job, JobFailure, JobQueue, JobState, Kinds, WorkerRegistry};
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;

const SCOPE: SystemScope = SystemScope::for_worker();

/// Says that it has begun, takes so long, and says when it is at rest how many jobs the store takes for running.
struct Lasting {
    takes: Duration,
    begin: mpsc::UnboundedSender<()>,
    rest: mpsc::UnboundedSender<StoreResult<i64>>,
    store: Arc<Store>,
}

/// Goes with the handler's work.
struct AtRest<'h>(&'h Lasting);

impl Drop for AtRest<'_> {
    fn drop(&mut self) {
        let running = self.0.store.count(&SCOPE, JobState::Running).now_or_never();
        self.0.rest.send(running.unwrap()).unwrap();
    }
}

#[async_trait]
impl JobHandler for Lasting {
    fn kind(&self) -> &'static str {
        KIND
    }

    async fn handle(&self, _: &Job) -> Result<(), JobFailure> {
        let _at_rest = AtRest(self);
        self.begin.send(()).unwrap();
        drop(timeout(self.takes, std::future::pending::<()>()).await);
        Ok(())
    }
}

/// A worker that is told to end as soon as its only job has begun, which takes so long. Answers what it ends with, and what the
/// job says at its rest.
async fn ending(
    store: &Arc<Store>,
    env: &Environment,
    takes: Duration,
) -> (impl Future<Output = ()>, mpsc::UnboundedReceiver<StoreResult<i64>>) {
    enqueue(store, env, KIND, 1).await;
    let ((begin, mut begun), (rest, at_rest)) = (mpsc::unbounded_channel(), mpsc::unbounded_channel());
    let worker = worker(store, env, vec![Arc::new(Lasting { takes, begin, rest, store: store.clone() })]);
    let (stop, stopped) = watch::channel(false);
    let working = tokio::spawn(async move { worker.run(stopped).await });
    begun.recv().await.unwrap();
    stop.send_replace(true);
    (async { working.await.unwrap() }, at_rest)
}

#[tokio::test(start_paused = true)]
async fn a_job_may_take_as_long_as_the_grace_while_its_worker_ends() {
    let (store, (env, _)) = (Arc::new(Store::default()), environment());
    let (working, _at_rest) = ending(&store, &env, GRACE - Duration::from_secs(1)).await;
    working.await;
    assert_eq!(store.count(&SCOPE, JobState::Succeeded).await, Ok(1));
}

#[tokio::test(start_paused = true)]
async fn a_job_that_takes_longer_is_handed_back_once_its_handler_is_at_rest() {
    let (store, (env, _)) = (Arc::new(Store::default()), environment());
    let (working, mut at_rest) = ending(&store, &env, 2 * GRACE).await;
    let mut working = Box::pin(working);
    assert!(timeout(GRACE - Duration::from_secs(1), &mut working).await.is_err());
    assert_eq!(store.count(&SCOPE, JobState::Running).await, Ok(1));
    working.await;
    assert_eq!(at_rest.recv().await, Some(Ok(1)), "nobody could begin it before");
    let taken = store.claim(&SCOPE, Kinds::All, "other", env.now(), LEASE).await.unwrap().unwrap();
    assert_eq!(taken.attempts, 1, "its attempt did not count");
    assert_eq!(store.list_workers(&SCOPE, env.now()).await, Ok(Vec::new()), "and it has said good-bye");
}

#[tokio::test(start_paused = true)]
async fn a_worker_ends_though_the_store_takes_no_end_of_a_job() {
    let (store, env) = (Arc::new(Store::default()), environment_in_runtime());
    enqueue(&store, &env, KIND, 1).await;
    let (begin, mut begun) = mpsc::unbounded_channel();
    let queue = Wayward::settling(&store, |_| Some(Wrong::Away));
    let parts = parts(&store, &env, vec![Arc::new(Telling(KIND, begin))]);
    let worker = Worker::new(WorkerParts { queue: queue.clone(), ..parts }, Arc::default());
    let (stop, stopped) = watch::channel(false);
    let stopping = async {
        begun.recv().await.unwrap();
        stop.send_replace(true);
    };
    let ended = async { tokio::join!(worker.run(stopped), stopping) };
    assert!(timeout(GRACE + HAND_BACK / 2, ended).await.is_ok(), "handing back is tried once");
    assert!(*queue.asked.lock().unwrap() > 5, "it was asked again and again before");
}
