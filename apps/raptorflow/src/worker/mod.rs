//! Does the work that requests leave for later: hands facts on to those they concern, and runs jobs.
//!
//! Any number of workers may run, in any number of processes; the stores give one job to one worker, and take it back
//! when its lease runs out. A job that is cut off by a crash is run again by whoever claims it next, so every handler is
//! idempotent.

mod attempt;
mod relay;
mod signal;

pub use relay::Subscription;
pub use signal::Signal;

use kernel::{Environment, Job, JobHandler, JobQueue, RelayUow, StoreResult, SystemScope};
use relay::Relay;
use std::{collections::HashMap, sync::Arc, time::Duration};
use tokio::{sync::watch, task::JoinSet};

/// What a worker works with.
pub struct WorkerParts {
    /// Where jobs wait.
    pub queue: Arc<dyn JobQueue>,
    /// Where facts wait to be handed on.
    pub relay: Arc<RelayUow>,
    /// Who does which kind of job.
    pub handlers: Vec<Arc<dyn JobHandler>>,
    /// Which facts are whose business.
    pub subscriptions: &'static [Subscription],
    /// Clock and ids.
    pub env: Environment,
}

/// How long a worker may be silent before its job is given to another one.
const LEASE: Duration = Duration::from_secs(30);
/// How often the queue is looked at without a signal: the net for jobs that become due, and for other processes' jobs.
const POLL: Duration = Duration::from_millis(500);
/// How many jobs one worker runs at a time.
const PARALLEL: usize = 4;

/// Claims and runs jobs until it is told to stop.
pub struct Worker {
    name: String,
    queue: Arc<dyn JobQueue>,
    handlers: Arc<HashMap<&'static str, Arc<dyn JobHandler>>>,
    relay: Relay,
    signal: Arc<Signal>,
    env: Environment,
}

impl Worker {
    /// A worker that is woken by `signal`.
    #[must_use]
    pub fn new(parts: WorkerParts, signal: Arc<Signal>) -> Self {
        let handlers = parts.handlers.into_iter().map(|handler| (handler.kind(), handler)).collect();
        let relay = Relay { uow: parts.relay, subscriptions: parts.subscriptions, env: parts.env.clone() };
        let name = format!("worker-{}", parts.env.ids.uuid());
        Self { name, queue: parts.queue, handlers: Arc::new(handlers), relay, signal, env: parts.env }
    }

    /// Works until `stop` turns true; then claims nothing more and waits for the running jobs. Whoever drops this
    /// future while it waits hands them back: their leases run out.
    pub async fn run(&self, mut stop: watch::Receiver<bool>) {
        let mut running = JoinSet::new();
        let mut poll = tokio::time::interval(POLL);
        tracing::info!(worker.name = self.name, "worker started");
        while !*stop.borrow() {
            self.fill(&mut running).await;
            tokio::select! {
                _ = stop.changed() => {}
                Some(_) = running.join_next() => {}
                () = self.signal.woken() => {}
                _ = poll.tick() => {}
            }
        }
        while running.join_next().await.is_some() {}
        tracing::info!(worker.name = self.name, "worker stopped");
    }

    /// Runs everything that is due, one after another, until nothing is: for tests that move the clock.
    ///
    /// # Errors
    /// The store's.
    pub async fn run_until_idle(&self) -> StoreResult<()> {
        loop {
            let handed_on = self.relay.pass().await?;
            match self.claim().await? {
                Some(job) => self.attempt(job).await,
                None if handed_on == 0 => return Ok(()),
                None => {}
            }
        }
    }

    /// Starts jobs until the worker is busy or none is due. A store that is away is reported and tried again with the
    /// next poll.
    async fn fill(&self, running: &mut JoinSet<()>) {
        if let Err(error) = self.relay.drain().await {
            tracing::warn!(error = %error, "facts could not be handed on; they wait in the outbox");
        }
        while running.len() < PARALLEL {
            match self.claim().await {
                Ok(Some(job)) => {
                    running.spawn(self.attempt(job));
                }
                Ok(None) => return,
                Err(error) => {
                    tracing::warn!(error = %error, "no job could be claimed");
                    return;
                }
            }
        }
    }

    async fn claim(&self) -> StoreResult<Option<Job>> {
        self.queue.claim(&SystemScope::for_worker(), &self.name, self.env.now(), LEASE).await
    }

    fn attempt(&self, job: Job) -> impl Future<Output = ()> + Send + use<> {
        attempt::run(Arc::clone(&self.queue), Arc::clone(&self.handlers), self.env.clone(), job)
    }
}
