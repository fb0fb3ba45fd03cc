//! How many jobs of a kind a worker runs at a time, in time that stands while anybody works.

use super::*;
use crate::worker::running::Running;
use async_trait::async_trait;
use kernel::{Job, JobFailure, JobQueue, JobState};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;
use tokio::sync::{Semaphore, watch};

/// Runs until it is let go.
struct Held {
    kind: &'static str,
    parallel: usize,
    begun: AtomicUsize,
    gate: Semaphore,
}

impl Held {
    fn new(kind: &'static str, parallel: usize) -> Arc<Self> {
        Arc::new(Self { kind, parallel, begun: AtomicUsize::new(0), gate: Semaphore::new(0) })
    }

    fn begun(&self) -> usize {
        self.begun.load(SeqCst)
    }
}

#[async_trait]
impl JobHandler for Held {
    fn kind(&self) -> &'static str {
        self.kind
    }

    fn parallel(&self) -> usize {
        self.parallel
    }

    async fn handle(&self, _: &Job) -> Result<(), JobFailure> {
        self.begun.fetch_add(1, SeqCst);
        self.gate.acquire().await.unwrap().forget();
        Ok(())
    }
}

/// Lets the worker look at the queue many times.
async fn some_time() {
    let mut seconds = tokio::time::interval(Duration::from_secs(1));
    for _ in 0..10 {
        seconds.tick().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_kind_that_runs_alone_waits_for_its_own_end_while_other_kinds_go_on() {
    let (store, env) = (Arc::new(Store::default()), environment_in_runtime());
    let (lonely, usual) = (Held::new("test.lonely", 1), Held::new("test.usual", usize::MAX));
    enqueue(&store, &env, "test.lonely", 3).await;
    enqueue(&store, &env, "test.usual", 3).await;
    let (stop, stopped) = watch::channel(false);
    let worker = worker(&store, &env, vec![lonely.clone(), usual.clone()]);
    let looking = async {
        for ended in 0..3 {
            some_time().await;
            assert_eq!((lonely.begun(), usual.begun()), (ended + 1, 3));
            lonely.gate.add_permits(1);
        }
        usual.gate.add_permits(3);
        some_time().await;
        stop.send_replace(true);
    };
    tokio::join!(worker.run(stopped), looking);
    assert_eq!(store.count(&SystemScope::for_worker(), JobState::Succeeded).await, Ok(6));
}

#[tokio::test]
async fn an_attempt_that_breaks_leaves_its_place_to_the_next() {
    let mut running = Running::default();
    let (env, _) = environment();
    let job = |kind| (wanted(&env, kind).queued(env.now()), env.now());
    running.begin(job("test.lonely"), async { panic!("a defect") });
    running.begin(job("test.usual"), std::future::pending());
    assert_eq!((running.of("test.lonely"), running.len()), (1, 2));
    assert!(running.one_ends().await);
    assert_eq!((running.of("test.lonely"), running.of("test.usual"), running.len()), (0, 1, 1));
}
