mod apart;
mod ending;
mod parallel;
mod waking;
pub(super) mod wayward;

use super::{Worker, WorkerParts};
use async_trait::async_trait;
use kernel::testing::{call_by, environment};
use kernel::{
    Clock, Environment, Job, JobFailure, JobHandler, NewJob, RelayUow, StoreResult, SystemScope, Timestamp,
};
use local::{LiveStreams, LocalBus};
use memory::Store;
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio::time::Instant;

/// Goes with the runtime's time: when that is paused it stands while anybody works, and jumps when all wait.
struct RuntimeClock(Timestamp, Instant);

impl Clock for RuntimeClock {
    fn now(&self) -> Timestamp {
        self.0.plus(self.1.elapsed())
    }
}

/// An environment whose clock goes with the runtime's time.
pub(super) fn environment_in_runtime() -> Environment {
    let (env, _) = environment();
    let clock = Arc::new(RuntimeClock(env.now(), Instant::now()));
    Environment { clock, ..env }
}

const KIND: &str = "test.job";

/// Says that it was begun.
struct Telling(&'static str, mpsc::UnboundedSender<()>);

#[async_trait]
impl JobHandler for Telling {
    fn kind(&self) -> &'static str {
        self.0
    }

    async fn handle(&self, _: &Job) -> Result<(), JobFailure> {
        self.1.send(()).unwrap();
        Ok(())
    }
}

/// What a worker has that knows these kinds and nothing else.
fn parts(store: &Arc<Store>, env: &Environment, handlers: Vec<Arc<dyn JobHandler>>) -> WorkerParts {
    WorkerParts {
        queue: store.clone(),
        registry: store.clone(),
        outbox: store.clone(),
        bus: Arc::new(LocalBus::new(LiveStreams::new())),
        relay: store.clone(),
        handlers,
        subscriptions: &[],
        schedules: Vec::new(),
        env: env.clone(),
    }
}

fn worker(store: &Arc<Store>, env: &Environment, handlers: Vec<Arc<dyn JobHandler>>) -> Worker {
    Worker::new(parts(store, env, handlers), Arc::default())
}

fn wanted(env: &Environment, kind: &'static str) -> NewJob {
    NewJob::new(env, &call_by(env.id()), kind, serde_json::json!({}))
}

async fn enqueue(store: &Store, env: &Environment, kind: &'static str, count: usize) {
    let (scope, units): (_, &RelayUow) = (SystemScope::for_relay(), store);
    for _ in 0..count {
        let job = wanted(env, kind);
        let enqueued: StoreResult<bool> = units.run(&scope, async |tx| tx.jobs().enqueue(job).await).await;
        assert_eq!(enqueued, Ok(true));
    }
}
