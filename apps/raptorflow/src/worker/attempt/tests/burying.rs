//! Jobs that become dead letters, by handlers that can't always end what waits.

use super::*;
use crate::worker::tests::environment_in_runtime;
use std::sync::atomic::{AtomicI32, Ordering::SeqCst};
use tokio::time::timeout;

/// Can do nothing, and end what waits only after so many times in vain.
#[derive(Default)]
struct Helpless {
    in_vain: i32,
    times: AtomicI32,
    told: Mutex<Vec<String>>,
}

#[async_trait]
impl JobHandler for Helpless {
    fn kind(&self) -> &'static str {
        KIND
    }

    async fn handle(&self, _: &Job) -> Result<(), JobFailure> {
        Err(JobFailure::Transient("the provider is away".to_owned()))
    }

    async fn buried(&self, _: &Job, error: &str) -> Result<(), JobFailure> {
        self.told.lock().unwrap().push(error.to_owned());
        if self.times.fetch_add(1, SeqCst) < self.in_vain {
            return Err(JobFailure::Transient("the store is away".to_owned()));
        }
        Ok(())
    }
}

/// Attempts of a job that may have one, until it is a dead letter: it, and how many it took.
async fn until_dead(handler: &Arc<Helpless>) -> (Job, i32) {
    let (store, (env, clock)) = (Arc::new(Store::default()), environment());
    let mut job = claimed(&store, &env, 1).await;
    let handlers: Handlers = HashMap::from([(KIND, handler.clone() as Arc<dyn JobHandler>)]);
    let (handlers, scope) = (Arc::new(handlers), SystemScope::for_worker());
    loop {
        let attempt = job.attempts;
        attempts(&store, handlers.clone(), &env).run(job).await;
        if let Some(dead) = store.dead_letters(&scope, None, None, 1).await.unwrap().pop() {
            return (dead, attempt);
        }
        assert_eq!(claimed_by_another(&store, &env).await, None, "not at once");
        clock.advance(backoff(attempt, u8::MAX));
        job = claimed_by_another(&store, &env).await.unwrap();
    }
}

#[tokio::test]
async fn a_job_that_can_be_buried_later_says_why_it_failed() {
    let handler = Arc::new(Helpless { in_vain: 1, ..Helpless::default() });
    let (dead, attempts) = until_dead(&handler).await;
    assert_eq!((dead.last_error.as_deref(), attempts), (Some("the provider is away"), 2));
    assert_eq!(*handler.told.lock().unwrap(), ["the provider is away"; 2]);
}

#[tokio::test]
async fn a_job_that_can_not_be_buried_comes_back_and_not_for_ever() {
    let handler = Arc::new(Helpless { in_vain: i32::MAX, ..Helpless::default() });
    let (dead, attempts) = until_dead(&handler).await;
    assert_eq!((dead.last_error.as_deref(), attempts), (Some("the provider is away"), 1 + NewJob::ATTEMPTS));
}

#[tokio::test]
async fn a_job_whose_worker_died_in_its_only_attempt_says_so() {
    let (store, (env, clock)) = (Arc::new(Store::default()), environment());
    claimed(&store, &env, 1).await;
    clock.advance(LEASE);
    let job = claimed_by_another(&store, &env).await.unwrap();
    attempts(&store, only(Helpless::default()), &env).run(job).await;
    let dead = store.dead_letters(&SystemScope::for_worker(), None, None, 1).await.unwrap().pop().unwrap();
    assert_eq!(dead.last_error.as_deref(), Some("the lease of the last attempt ran out"));
}

/// Can do nothing, and needs longer than a lease to end what waits.
struct Slow;

#[async_trait]
impl JobHandler for Slow {
    fn kind(&self) -> &'static str {
        KIND
    }

    async fn handle(&self, _: &Job) -> Result<(), JobFailure> {
        Err(JobFailure::Permanent("no".to_owned()))
    }

    async fn buried(&self, _: &Job, _: &str) -> Result<(), JobFailure> {
        drop(timeout(2 * LEASE, std::future::pending::<()>()).await);
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn a_job_is_nobody_elses_while_it_is_buried() {
    let (store, env) = (Arc::new(Store::default()), environment_in_runtime());
    let job = claimed(&store, &env, 2).await;
    let mut running = pin!(attempts(&store, only(Slow), &env).run(job));
    for _ in 0..2 {
        assert!(timeout(LEASE * 5 / 6, &mut running).await.is_err());
        assert_eq!(claimed_by_another(&store, &env).await, None);
    }
    running.await;
    assert_eq!(store.count(&SystemScope::for_worker(), JobState::Failed).await, Ok(1));
}
