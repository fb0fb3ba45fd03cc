mod burying;
mod lease;
mod settling;

use super::*;
use async_trait::async_trait;
use kernel::testing::{call_by, environment};
use kernel::{JobState, Kinds, RelayUow};
use memory::Store;
use std::sync::Mutex;

const KIND: &str = "test.job";

/// Breaks, and notes what it is told when its job is buried.
#[derive(Default)]
struct Panicking(Mutex<Vec<String>>);

#[async_trait]
impl JobHandler for Panicking {
    fn kind(&self) -> &'static str {
        KIND
    }

    async fn handle(&self, _: &Job) -> Result<(), JobFailure> {
        panic!("a defect")
    }

    async fn buried(&self, _: &Job, error: &str) -> Result<(), JobFailure> {
        self.0.lock().unwrap().push(error.to_owned());
        Ok(())
    }
}

/// The first attempt of a job that has `max_attempts`.
async fn claimed(store: &Store, env: &Environment, max_attempts: i32) -> Job {
    let job = NewJob::new(env, &call_by(env.id()), KIND, serde_json::json!({}));
    let job = NewJob { max_attempts, ..job };
    let (scope, units): (_, &RelayUow) = (SystemScope::for_worker(), store);
    let enqueued: StoreResult<bool> = units.run(&scope, async |tx| tx.jobs().enqueue(job).await).await;
    assert!(enqueued.unwrap());
    store.claim(&scope, Kinds::All, "w", env.now(), LEASE).await.unwrap().unwrap()
}

fn attempts(queue: &Arc<impl JobQueue + 'static>, handlers: Arc<Handlers>, env: &Environment) -> Attempts {
    let (queue, tracker) = (queue.clone(), TaskTracker::new());
    Attempts { queue, handlers, metrics: Arc::default(), tracker, env: env.clone() }
}

fn only(handler: impl JobHandler + 'static) -> Arc<Handlers> {
    Arc::new(HashMap::from([(KIND, Arc::new(handler) as Arc<dyn JobHandler>)]))
}

async fn claimed_by_another(store: &Store, env: &Environment) -> Option<Job> {
    store.claim(&SystemScope::for_worker(), Kinds::All, "another", env.now(), LEASE).await.unwrap()
}

#[tokio::test]
async fn a_handler_that_panics_is_told_of_its_jobs_end_and_not_before() {
    for (max_attempts, state) in [(1, JobState::Failed), (2, JobState::Queued)] {
        let (store, (env, _)) = (Arc::new(Store::default()), environment());
        let job = claimed(&store, &env, max_attempts).await;
        let handler = Arc::new(Panicking::default());
        let handlers: Handlers = HashMap::from([(KIND, handler.clone() as Arc<dyn JobHandler>)]);
        attempts(&store, handlers.into(), &env).run(job).await;
        assert_eq!(store.count(&SystemScope::for_worker(), state).await, Ok(1));
        let told = handler.0.lock().unwrap().clone();
        assert_eq!(told.len(), usize::from(state == JobState::Failed), "{told:?}");
        assert!(told.iter().all(|error| error.starts_with("the handler stopped")), "{told:?}");
    }
}

#[tokio::test]
async fn a_job_that_this_build_has_no_handler_for_waits_for_one_and_not_for_ever() {
    for (max_attempts, state) in [(2, JobState::Queued), (1, JobState::Failed)] {
        let (store, (env, _)) = (Arc::new(Store::default()), environment());
        let job = claimed(&store, &env, max_attempts).await;
        attempts(&store, Arc::default(), &env).run(job).await;
        let scope = SystemScope::for_worker();
        assert_eq!(store.count(&scope, state).await, Ok(1));
        let dead = store.dead_letters(&scope, None, None, 2).await.unwrap();
        assert_eq!(dead.len(), usize::from(state == JobState::Failed));
        let told = "this build has no handler for `test.job`";
        assert!(dead.iter().all(|job| job.last_error.as_deref() == Some(told)), "{dead:?}");
    }
}

#[test]
fn a_run_is_abandoned_only_after_all_attempts_of_its_job() {
    let waits: Duration = (1..NewJob::ATTEMPTS).map(|attempts| backoff(attempts, u8::MAX)).sum();
    let usual = Panicking::default().time_limit();
    let attempts = usual * u32::try_from(NewJob::ATTEMPTS).unwrap();
    let sum = waits + attempts;
    assert!(sum < Duration::from_secs(2 * 60 * 60) && sum < agents::services::ABANDONED_AFTER, "{sum:?}");
}
