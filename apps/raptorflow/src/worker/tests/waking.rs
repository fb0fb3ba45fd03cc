//! What a commit's signal is good for: work begins at once, not when the worker looks by itself the next time.

use super::*;
use crate::worker::{POLL, Signal};
use kernel::Wake;
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;

#[tokio::test(start_paused = true)]
async fn a_commit_wakes_a_worker_before_it_looks_by_itself() {
    let (store, env) = (Arc::new(Store::default()), environment_in_runtime());
    let (begin, mut begun) = mpsc::unbounded_channel();
    let signal = Arc::new(Signal::default());
    let parts = parts(&store, &env, vec![Arc::new(Telling(KIND, begin))]);
    let worker = Worker::new(parts, signal.clone());
    let (stop, stopped) = watch::channel(false);
    let committing = async {
        drop(timeout(POLL / 4, std::future::pending::<()>()).await);
        enqueue(&store, &env, KIND, 1).await;
        assert!(timeout(POLL / 4, begun.recv()).await.is_err(), "it does not know of it yet");
        signal.wake();
        assert!(timeout(POLL / 4, begun.recv()).await.is_ok(), "it was woken");
        stop.send_replace(true);
    };
    tokio::join!(worker.run(stopped), committing);
}

#[tokio::test(start_paused = true)]
async fn a_worker_ends_when_nobody_can_tell_it_to_any_more() {
    let (store, env) = (Arc::new(Store::default()), environment_in_runtime());
    let (stop, stopped) = watch::channel(false);
    drop(stop);
    let worker = worker(&store, &env, Vec::new());
    assert!(timeout(POLL, worker.run(stopped)).await.is_ok());
}
