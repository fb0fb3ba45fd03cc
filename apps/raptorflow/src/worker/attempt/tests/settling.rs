//! Attempts whose end the store takes late, or not.

use super::*;
use crate::worker::tests::{
    environment_in_runtime,
    wayward::{Wayward, Wrong},
};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use tokio::time::timeout;

/// Does its work; notes how often, and how often its job was buried.
#[derive(Default)]
struct Doing {
    done: AtomicUsize,
    buried: AtomicUsize,
}

#[async_trait]
impl JobHandler for Doing {
    fn kind(&self) -> &'static str {
        KIND
    }

    async fn handle(&self, _: &Job) -> Result<(), JobFailure> {
        self.done.fetch_add(1, SeqCst);
        Ok(())
    }

    async fn buried(&self, _: &Job, _: &str) -> Result<(), JobFailure> {
        self.buried.fetch_add(1, SeqCst);
        Ok(())
    }
}

/// What becomes of the only attempt of a job whose settling goes wrong like this: for those who count, and in the store,
/// and how often it was asked.
async fn only_attempt(settling: fn(u32) -> Option<Wrong>) -> (&'static str, JobState, u32) {
    let (store, env) = (Arc::new(Store::default()), environment_in_runtime());
    let (job, handler) = (claimed(&store, &env, 1).await, Arc::new(Doing::default()));
    let handlers: Handlers = HashMap::from([(KIND, handler.clone() as Arc<dyn JobHandler>)]);
    let queue = Wayward::settling(&store, settling);
    let attempts = attempts(&queue, handlers.into(), &env);
    let counted = timeout(10 * LEASE, attempts.attempt(&job)).await.unwrap();
    assert_eq!((handler.done.load(SeqCst), handler.buried.load(SeqCst)), (1, 0));
    for state in JobState::ALL {
        if store.count(&SystemScope::for_worker(), state).await == Ok(1) {
            let asked = *queue.asked.lock().unwrap();
            return (counted, state, asked);
        }
    }
    panic!("the job is gone");
}

#[tokio::test(start_paused = true)]
async fn what_was_done_is_stored_once_the_store_is_back() {
    let done = only_attempt(|before| (before < 3).then_some(Wrong::Away)).await;
    assert_eq!(done, ("succeeded", JobState::Succeeded, 4));
}

#[tokio::test(start_paused = true)]
async fn an_end_that_was_stored_though_nobody_heard_is_none_that_was_lost() {
    let done = only_attempt(|before| (before < 1).then_some(Wrong::Unheard)).await;
    assert_eq!(done, ("succeeded", JobState::Succeeded, 2));
}

#[tokio::test(start_paused = true)]
async fn an_end_that_the_store_refuses_is_left_to_another_attempt() {
    assert_eq!(only_attempt(|_| Some(Wrong::Refused)).await, (LOST, JobState::Running, 1));
}

#[tokio::test(start_paused = true)]
async fn a_job_that_was_done_is_nobody_elses_while_its_end_waits() {
    let (store, env) = (Arc::new(Store::default()), environment_in_runtime());
    let job = claimed(&store, &env, 1).await;
    let queue = Wayward::settling(&store, |before| (before < 60).then_some(Wrong::Away));
    let mut running = pin!(attempts(&queue, only(Doing::default()), &env).run(job));
    for _ in 0..4 {
        assert!(timeout(LEASE * 5 / 6, &mut running).await.is_err());
        assert_eq!(claimed_by_another(&store, &env).await, None);
    }
    running.await;
    assert_eq!(store.count(&SystemScope::for_worker(), JobState::Succeeded).await, Ok(1));
}
