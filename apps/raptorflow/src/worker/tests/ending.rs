use super::*;
use async_trait::async_trait;
use kernel::testing::{call_by, environment};
use kernel::{JobFailure, JobState, NewJob};
use local::{LiveStreams, LocalBus};
use memory::Store;
use tokio::sync::mpsc;

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

fn worker(store: &Arc<Store>, env: &Environment, handlers: Vec<Arc<dyn JobHandler>>) -> Worker {
    let parts = WorkerParts {
        queue: store.clone(),
        registry: store.clone(),
        outbox: store.clone(),
        bus: Arc::new(LocalBus::new(LiveStreams::new())),
        relay: store.clone(),
        handlers,
        subscriptions: &[],
        schedules: Vec::new(),
        env: env.clone(),
    };
    Worker::new(parts, Arc::default())
}

async fn enqueue(store: &Store, env: &Environment) {
    let job = NewJob::new(env, &call_by(env.id()), KIND, serde_json::json!({}));
    let (scope, units): (_, &RelayUow) = (SystemScope::for_relay(), store);
    let enqueued: StoreResult<bool> = units.run(&scope, async |tx| tx.jobs().enqueue(job).await).await;
    assert_eq!(enqueued, Ok(true));
}

#[tokio::test(start_paused = true)]
async fn a_worker_that_ends_hands_back_what_takes_too_long() {
    let (store, (env, _)) = (Arc::new(Store::default()), environment());
    enqueue(&store, &env).await;
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
