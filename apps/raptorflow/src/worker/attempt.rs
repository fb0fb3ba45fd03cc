use super::LEASE;
use crate::metrics::Metrics;
use kernel::{Environment, Job, JobFailure, JobHandler, JobQueue, NewJob, Settlement, SystemScope};
use std::{collections::HashMap, sync::Arc, time::Duration};
use tokio::task::JoinHandle;
use tokio_util::task::TaskTracker;
use tracing::Instrument;

type Handlers = HashMap<&'static str, Arc<dyn JobHandler>>;

/// What an attempt needs.
pub(super) struct Attempts {
    pub(super) queue: Arc<dyn JobQueue>,
    pub(super) handlers: Arc<Handlers>,
    pub(super) metrics: Arc<Metrics>,
    /// Knows the handlers that are at work.
    pub(super) tracker: TaskTracker,
    pub(super) env: Environment,
}

/// What became of an attempt that its worker no longer holds.
const LOST: &str = "lost";

impl Attempts {
    /// Runs one attempt of a job and settles it. The lease is renewed meanwhile; when it is lost, another worker has the
    /// job and this attempt ends without a word.
    pub(super) async fn run(self, mut job: Job) {
        let span = tracing::info_span!(
            "job",
            job.id = %job.id,
            job.kind = job.kind,
            job.attempt = job.attempts,
            workspace.id = job.workspace_id.map(tracing::field::display),
            correlation_id = job.correlation_id.as_str(),
            otel.kind = "consumer",
            otel.name = job.kind,
        );
        if let Some(parent) = &job.traceparent {
            trace::adopt(&span, parent);
        }
        async {
            // What the handler leaves for later goes on from here.
            job.traceparent = trace::traceparent().or(job.traceparent.take());
            let begun = self.env.now();
            let outcome = self.attempt(&job).await;
            self.metrics.job_ended(&job.kind, outcome, self.env.now().since(begun));
        }
        .instrument(span)
        .await;
    }

    /// One attempt; answers what became of the job, for those who count.
    async fn attempt(&self, job: &Job) -> &'static str {
        let (queue, env) = (self.queue.as_ref(), &self.env);
        let handler = self.handlers.get(job.kind.as_str());
        let lost = keep_lease(queue, env, job);
        let outcome = outcome(handler, job, lost, &self.tracker).await;
        let Some(outcome) = outcome.filter(|outcome| *outcome != Err(JobFailure::Lost)) else {
            tracing::warn!("the lease was lost: the job was called off, or another worker has it");
            return LOST;
        };
        let settlement = judge(env, job, outcome);
        if let (Settlement::Failed { error }, Some(handler)) = (&settlement, handler)
            && !bury(handler, job, error, &self.tracker).await
            && job.attempts < job.max_attempts + NewJob::ATTEMPTS
        {
            tracing::warn!("it is tried again when the lease has run out");
            return "retried";
        }
        let is_settled =
            settlement == Settlement::Succeeded && handler.is_some_and(|handler| handler.settles());
        if is_settled || settle(queue, env, job, &settlement).await { settlement.name() } else { LOST }
    }
}

/// How the handler ended; `None` when `lost` came first, and the handler was stopped.
async fn outcome(
    handler: Option<&Arc<dyn JobHandler>>,
    job: &Job,
    lost: impl Future<Output = ()>,
    tracker: &TaskTracker,
) -> Option<Result<(), JobFailure>> {
    let Some(handler) = handler.cloned() else {
        let error = format!("this build has no handler for `{}`", job.kind);
        return Some(Err(JobFailure::Transient(error)));
    };
    if job.is_exhausted() {
        return Some(Err(JobFailure::Permanent("the lease of the last attempt ran out".to_owned())));
    }
    let (limit, job) = (handler.time_limit(), job.clone());
    tokio::select! {
        outcome = guarded(limit, tracker, async move { handler.handle(&job).await }) => Some(outcome),
        () = lost => None,
    }
}

/// Lets the handler end what waits for a job that becomes a dead letter; first, so that a crash in between does it again.
/// Answers whether it could.
async fn bury(handler: &Arc<dyn JobHandler>, job: &Job, error: &str, tracker: &TaskTracker) -> bool {
    let (handler, job, error) = (Arc::clone(handler), job.clone(), error.to_owned());
    let limit = handler.time_limit();
    let buried = guarded(limit, tracker, async move { handler.buried(&job, &error).await }).await;
    buried
        .inspect_err(|error| tracing::error!(%error, "what waits for the dead letter could not be ended"))
        .is_ok()
}

/// Ends the task with whoever waits for it: a dropped `JoinHandle` would let it run on.
struct Attended(JoinHandle<Result<(), JobFailure>>);

impl Drop for Attended {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// A handler's work in a task of its own, so that its panic is a failed attempt and not the worker's end.
async fn guarded(
    limit: Duration,
    tracker: &TaskTracker,
    work: impl Future<Output = Result<(), JobFailure>> + Send + 'static,
) -> Result<(), JobFailure> {
    let mut task = Attended(tracker.spawn(work.in_current_span()));
    match tokio::time::timeout(limit, &mut task.0).await {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(panic)) => Err(JobFailure::Transient(format!("the handler stopped: {panic}"))),
        Err(_) => Err(JobFailure::Transient(format!("no end within {} s", limit.as_secs()))),
    }
}

/// Returns when the lease is lost.
async fn keep_lease(queue: &dyn JobQueue, env: &Environment, job: &Job) {
    let mut beat = tokio::time::interval(LEASE / 3);
    beat.tick().await;
    loop {
        beat.tick().await;
        match queue.renew(&SystemScope::for_worker(), job, env.now().plus(LEASE)).await {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => tracing::warn!(error = %error, "the lease could not be renewed; trying again"),
        }
    }
}

/// What becomes of the job.
fn judge(env: &Environment, job: &Job, outcome: Result<(), JobFailure>) -> Settlement {
    let settlement = match &outcome {
        Ok(()) => Settlement::Succeeded,
        Err(failure) => job.after_failure(failure, env.now(), env.ids.uuid().as_bytes()[15]),
    };
    match &settlement {
        Settlement::Succeeded | Settlement::HandedBack => tracing::debug!("job {}", settlement.name()),
        Settlement::Retry { at, error } => {
            tracing::warn!(error, retry_at = %at, "job failed; it will be retried")
        }
        Settlement::Failed { error } => tracing::error!(error, "job failed for good; it is a dead letter"),
    }
    settlement
}

/// Ends the attempt; answers whether that is stored.
pub(super) async fn settle(
    queue: &dyn JobQueue,
    env: &Environment,
    job: &Job,
    settlement: &Settlement,
) -> bool {
    let settled = queue.settle(&SystemScope::for_worker(), job, settlement, env.now()).await;
    match &settled {
        Ok(true) => {}
        Ok(false) => tracing::warn!("the job had been called off, or given to another worker"),
        // The lease runs out and another attempt follows.
        Err(error) => tracing::error!(%error, "the job could not be settled"),
    }
    settled == Ok(true)
}

#[cfg(test)]
mod tests {
    mod lease;

    use super::*;
    use async_trait::async_trait;
    use kernel::testing::{call_by, environment};
    use kernel::{JobState, Kinds, RelayUow, StoreResult, backoff};
    use memory::Store;
    use std::sync::Mutex;
    use tokio::sync::oneshot;

    const KIND: &str = "test.job";

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

    fn attempts(store: &Arc<Store>, handlers: Arc<Handlers>, env: &Environment) -> Attempts {
        let (queue, tracker) = (store.clone(), TaskTracker::new());
        Attempts { queue, handlers, metrics: Arc::default(), tracker, env: env.clone() }
    }

    #[tokio::test]
    async fn a_handler_is_stopped_when_its_lease_is_lost() {
        let (store, (env, _)) = (Store::default(), environment());
        let job = claimed(&store, &env, 1).await;
        let ((begin, begun), (alive, dropped)) = (oneshot::channel(), oneshot::channel());
        let handler: Arc<dyn JobHandler> = Arc::new(Endless(Mutex::new(Some((begin, alive)))));
        let lost = async { begun.await.unwrap() };
        assert_eq!(outcome(Some(&handler), &job, lost, &TaskTracker::new()).await, None);
        let dropped = tokio::time::timeout(Duration::from_secs(5), dropped).await;
        assert!(dropped.expect("the handler goes on").is_err());
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

    /// Can do nothing, not even end what waits.
    struct Helpless;

    #[async_trait]
    impl JobHandler for Helpless {
        fn kind(&self) -> &'static str {
            KIND
        }

        async fn handle(&self, _: &Job) -> Result<(), JobFailure> {
            Err(JobFailure::Permanent("no".to_owned()))
        }

        async fn buried(&self, _: &Job, _: &str) -> Result<(), JobFailure> {
            Err(JobFailure::Transient("the store is away".to_owned()))
        }
    }

    #[tokio::test]
    async fn a_job_that_can_not_be_buried_comes_back_and_not_for_ever() {
        let (store, (env, clock)) = (Arc::new(Store::default()), environment());
        let mut job = claimed(&store, &env, 1).await;
        let scope = SystemScope::for_worker();
        let handlers: Handlers = HashMap::from([(KIND, Arc::new(Helpless) as Arc<dyn JobHandler>)]);
        let handlers = Arc::new(handlers);
        for attempt in 1..=NewJob::ATTEMPTS {
            assert_eq!((job.attempts, store.count(&scope, JobState::Running).await), (attempt, Ok(1)));
            attempts(&store, handlers.clone(), &env).run(job).await;
            clock.advance(LEASE);
            job = store.claim(&scope, Kinds::All, "w", env.now(), LEASE).await.unwrap().unwrap();
        }
        attempts(&store, handlers, &env).run(job).await;
        assert_eq!(store.count(&scope, JobState::Failed).await, Ok(1));
    }

    #[test]
    fn a_run_is_abandoned_only_after_all_attempts_of_its_job() {
        let waits: Duration = (1..NewJob::ATTEMPTS).map(|attempts| backoff(attempts, u8::MAX)).sum();
        let usual = Panicking::default().time_limit();
        let attempts = usual * u32::try_from(NewJob::ATTEMPTS).unwrap();
        let sum = waits + attempts;
        assert!(sum < Duration::from_secs(2 * 60 * 60) && sum < agents::services::ABANDONED_AFTER, "{sum:?}");
    }
}
