//! What becomes of the jobs of a worker that ends.

use super::*;
use crate::worker::LEASE;
use async_trait::async_trait;
use kernel::{Job, JobFailure, JobQueue, JobState, Kinds, WorkerRegistry};
use tokio::sync::{mpsc, watch};

const KIND: &str = "test.job";

/// Says that it has begun, and never ends.
struct Endless(mpsc::UnboundedSender<()>);

#[async_trait]
impl JobHandler for Endless {
    fn kind(&self) -> &'static str {
        KIND
    }

    async fn handle(&self, _: &Job) -> Result<(), JobFailure> {
        self.0.send(()).unwrap();
        std::future::pending().await
    }
}

#[tokio::test(start_paused = true)]
async fn a_worker_that_ends_hands_back_what_takes_too_long() {
    let (store, (env, _)) = (Arc::new(Store::default()), environment());
    enqueue(&store, &env, KIND, 1).await;
    let (begin, mut begun) = mpsc::unbounded_channel();
    let ending = worker(&store, &env, vec![Arc::new(Endless(begin))]);
    let (stop, stopped) = watch::channel(false);
    let working = tokio::spawn(async move { ending.run(stopped).await });
    begun.recv().await.unwrap();
    stop.send_replace(true);
    working.await.unwrap();
    let scope = SystemScope::for_worker();
    assert_eq!(store.count(&scope, JobState::Queued).await, Ok(1));
    let taken = store.claim(&scope, Kinds::All, "other", env.now(), LEASE).await.unwrap().unwrap();
    assert_eq!((taken.attempts, begun.try_recv().is_err()), (1, true), "its attempt did not count");
    assert_eq!(store.list_workers(&scope, env.now()).await, Ok(Vec::new()), "and it has said good-bye");
}
