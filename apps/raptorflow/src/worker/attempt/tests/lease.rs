//! Attempts that take long, in time that stands while anybody works.

use super::*;
use crate::worker::tests::environment_in_runtime;
use tokio::{sync::oneshot, time::timeout};

/// Never ends, and may take so long.
struct Slow(Duration);

#[async_trait]
impl JobHandler for Slow {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn time_limit(&self) -> Duration {
        self.0
    }

    async fn handle(&self, _: &Job) -> Result<(), JobFailure> {
        std::future::pending().await
    }
}

#[tokio::test(start_paused = true)]
async fn a_job_is_nobody_elses_while_it_runs_and_anybodys_when_its_worker_is_gone() {
    let (store, env) = (Arc::new(Store::default()), environment_in_runtime());
    let job = claimed(&store, &env, 2).await;
    {
        let mut running = pin!(attempts(&store, only(Slow(10 * LEASE)), &env).run(job));
        for _ in 0..5 {
            assert!(timeout(LEASE * 5 / 6, &mut running).await.is_err());
            assert_eq!(claimed_by_another(&store, &env).await, None);
        }
    }
    tokio::time::advance(LEASE).await;
    let taken_over = claimed_by_another(&store, &env).await.unwrap();
    assert_eq!((taken_over.attempts, taken_over.worker.as_deref()), (2, Some("another")));
}

/// Says when it has begun, and never ends; the other half of `_alive` hears when it is dropped.
struct Endless(Mutex<Option<(oneshot::Sender<()>, oneshot::Sender<()>)>>);

#[async_trait]
impl JobHandler for Endless {
    fn kind(&self) -> &'static str {
        KIND
    }

    async fn handle(&self, _: &Job) -> Result<(), JobFailure> {
        let (begun, _alive) = self.0.lock().unwrap().take().unwrap();
        begun.send(()).unwrap();
        std::future::pending().await
    }
}

/// Calls the job off, as somebody may who looks after jobs.
async fn call_off(store: &Store, env: &Environment, job: &Job) {
    let (scope, units): (_, &RelayUow) = (SystemScope::for_worker(), store);
    let cancelled = job.cancelled(env.now()).unwrap();
    let saved: StoreResult<()> = units.run(&scope, async |tx| tx.job_records().save(&cancelled).await).await;
    saved.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_running_job_that_is_called_off_is_stopped_and_stays_called_off() {
    let (store, env) = (Arc::new(Store::default()), environment_in_runtime());
    let job = claimed(&store, &env, 2).await;
    let ((begin, begun), (alive, dropped)) = (oneshot::channel(), oneshot::channel());
    let running = attempts(&store, only(Endless(Mutex::new(Some((begin, alive))))), &env).run(job.clone());
    let calling_off = async {
        begun.await.unwrap();
        call_off(&store, &env, &job).await;
    };
    let both = async { tokio::join!(running, calling_off) };
    timeout(LEASE, both).await.expect("the attempt goes on");
    assert!(dropped.await.is_err(), "nobody says anything more");
    let scope = SystemScope::for_worker();
    assert_eq!(store.count(&scope, JobState::Cancelled).await, Ok(1));
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_takes_longer_than_its_kind_may_is_stopped_and_comes_again() {
    let limit = Duration::from_secs(7);
    let (store, env) = (Arc::new(Store::default()), environment_in_runtime());
    let job = claimed(&store, &env, 2).await;
    let begun = env.now();
    attempts(&store, only(Slow(limit)), &env).run(job).await;
    let took = env.now().since(begun);
    assert!((limit..limit + Duration::from_secs(1)).contains(&took), "{took:?}");
    assert_eq!(claimed_by_another(&store, &env).await, None, "not at once");
    tokio::time::advance(backoff(1, u8::MAX)).await;
    let again = claimed_by_another(&store, &env).await.unwrap();
    assert_eq!((again.attempts, again.last_error.as_deref()), (2, Some("no end within 7 s")));
}
