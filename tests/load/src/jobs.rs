//! How many jobs a worker does when doing them costs nothing: what the queue itself costs.

use anyhow::bail;
use async_trait::async_trait;
use kernel::{
    Actor, CallContext, Clock, CorrelationId, Environment, EventRelay, Job, JobFailure, JobHandler, JobQueue,
    NewJob, RelayUow, StoreError, SystemClock, SystemScope, WorkerRegistry,
};
use local::{LiveStreams, LocalBus};
use raptorflow::worker::{Signal, Worker, WorkerParts};
use std::{sync::Arc, time::Duration};
use tokio::{runtime::Handle, sync::watch};

const KIND: &str = "load.nothing";
/// How many jobs one transaction enqueues.
const BATCH: usize = 500;

/// Does nothing, and counts.
struct Nothing(watch::Sender<usize>);

#[async_trait]
impl JobHandler for Nothing {
    fn kind(&self) -> &'static str {
        KIND
    }

    async fn handle(&self, _: &Job) -> Result<(), JobFailure> {
        self.0.send_modify(|done| *done += 1);
        Ok(())
    }
}

/// Enqueues the jobs, then starts a worker and waits until it has done them.
pub(crate) async fn measure(count: usize, urls: &[String]) -> anyhow::Result<()> {
    let home = Handle::current();
    let folder = tempfile::tempdir()?;
    let wait = Duration::from_secs(10);
    match urls {
        [] => {
            let path = folder.path().join("jobs.db");
            sqlite::migrate(&path).await?;
            let store = sqlite::open(&sqlite::Options { path, readers: 4, wait }, &home)?;
            run(count, Arc::new(store)).await
        }
        [app, system] => {
            let (app_url, system_url) = (app.clone(), system.clone());
            let options = postgres::Options { app_url, system_url, pool_size: 20, wait, assume_roles: false };
            run(count, Arc::new(postgres::open(&options))).await
        }
        _ => bail!("the app's and the system's URL, or none"),
    }
}

async fn run<S>(count: usize, store: Arc<S>) -> anyhow::Result<()>
where
    S: JobQueue
        + EventRelay
        + WorkerRegistry
        + kernel::UnitOfWork<dyn kernel::RelayTx, SystemScope>
        + 'static,
{
    let env = Environment::system();
    let relay: Arc<RelayUow> = store.clone();
    enqueue(&env, relay.as_ref(), count).await?;
    let done = watch::Sender::new(0);
    let (mut so_far, nothing) = (done.subscribe(), Nothing(done));
    let parts = WorkerParts {
        queue: store.clone(),
        registry: store.clone(),
        outbox: store,
        bus: Arc::new(LocalBus::new(LiveStreams::new())),
        relay,
        handlers: vec![Arc::new(nothing)],
        subscriptions: &[],
        schedules: Vec::new(),
        env,
    };
    let worker = Worker::new(parts, Arc::new(Signal::default()));
    let (stop, stopped) = watch::channel(false);
    let began = SystemClock.now();
    let working = tokio::spawn(async move { worker.run(stopped).await });
    so_far.wait_for(|done| *done >= count).await?;
    let took = SystemClock.now().since(began);
    stop.send_replace(true);
    working.await?;
    println!("{:.0}", count as f64 / took.as_secs_f64());
    Ok(())
}

async fn enqueue(env: &Environment, units: &RelayUow, count: usize) -> anyhow::Result<()> {
    let ctx = CallContext::new(Actor::System, CorrelationId::mint(env.ids.uuid()));
    for first in (0..count).step_by(BATCH) {
        units
            .run(&SystemScope::for_relay(), async |tx| {
                for _ in first..count.min(first + BATCH) {
                    let job = NewJob::new(env, &ctx, KIND, serde_json::json!({}));
                    tx.jobs().enqueue(job).await?;
                }
                Ok::<_, StoreError>(())
            })
            .await?;
    }
    Ok(())
}
