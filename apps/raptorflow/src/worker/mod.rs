//! Does the work that requests leave for later: hands facts on to those they concern, and runs jobs.
//!
//! Any number of workers may run, in any number of processes; the stores give one job to one worker, and take it back
//! when its lease runs out, or it is handed back. A job that is cut off, by a crash or at a worker's end, is run again by
//! whoever claims it next, so every handler is idempotent.

mod attempt;
mod burial;
mod consuming;
mod outage;
mod planner;
mod presence;
mod relay;
mod running;
mod signal;
mod smoke;
mod subscription;
mod sweep;
mod write_off;

pub use signal::Signal;
pub use smoke::Smoke;
pub use subscription::Subscription;
pub use sweep::Sweep;
pub use write_off::WriteOff;

use crate::metrics::Metrics;
use attempt::Attempts;
use burial::Burials;
use consuming::{ConsumeAgain, Consuming};
use futures_util::future::join_all;
use kernel::{
    Bus, ClockSkew, Environment, EventConsumer, EventRelay, Job, JobHandler, JobQueue, Kinds, RelayUow,
    Schedule, Settlement, StoreError, StoreResult, SystemScope, Timestamp, WorkerRegistry,
};
use planner::Planner;
use presence::Presence;
use relay::Relay;
use running::Running;
use std::{
    collections::HashMap,
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};
use subscription::JobMaker;
use tokio::sync::watch;
use tokio_util::task::TaskTracker;

/// What a worker works with.
pub struct WorkerParts {
    /// Where jobs wait.
    pub queue: Arc<dyn JobQueue>,
    /// Where workers say that they are there.
    pub registry: Arc<dyn WorkerRegistry>,
    /// Where facts wait to be published.
    pub outbox: Arc<dyn EventRelay>,
    /// Carries facts to consumers.
    pub bus: Arc<dyn Bus>,
    /// The store of consumers and schedules.
    pub relay: Arc<RelayUow>,
    /// Who does which kind of job.
    pub handlers: Vec<Arc<dyn JobHandler>>,
    /// Which facts are whose business.
    pub subscriptions: &'static [Subscription],
    /// What the platform has done again and again.
    pub schedules: Vec<Schedule>,
    /// Clock and ids.
    pub env: Environment,
}

/// How long a worker may be silent before its job is given to another one.
const LEASE: Duration = Duration::from_secs(30);
/// How often the queue is looked at without a signal: the net for jobs that become due, and for other processes' jobs.
const POLL: Duration = Duration::from_millis(500);
/// How many jobs one worker runs at a time. Most of a job is waiting: for the database, for others' answers.
const PARALLEL: usize = 16;

/// How long running jobs may take to end after the worker was told to.
pub const GRACE: Duration = Duration::from_secs(20);
/// How long handing jobs back may take, and the worker's good-bye after it.
const HAND_BACK: Duration = Duration::from_secs(1);
/// When a worker that was told to stop has ended, whatever hangs.
const ENDS_WITHIN: Duration = Duration::from_millis(22_500);

/// The names of those whom facts concern.
pub const CONSUMERS: [&str; 1] = [JobMaker::NAME];

/// Claims and runs jobs until it is told to stop.
pub struct Worker {
    name: String,
    presence: Presence,
    queue: Arc<dyn JobQueue>,
    handlers: Arc<HashMap<&'static str, Arc<dyn JobHandler>>>,
    relay: Relay,
    consuming: Vec<Consuming>,
    planner: Planner,
    signal: Arc<Signal>,
    metrics: Arc<Metrics>,
    /// Knows the handlers that are at work.
    tracker: TaskTracker,
    env: Environment,
}

impl Worker {
    /// A worker that is woken by `signal`.
    #[must_use]
    pub fn new(parts: WorkerParts, signal: Arc<Signal>) -> Self {
        let consumers: Vec<Arc<dyn EventConsumer>> =
            vec![Arc::new(JobMaker { subscriptions: parts.subscriptions, env: parts.env.clone() })];
        let handlers = handlers(&parts, &consumers);
        let planner = Planner {
            uow: parts.relay.clone(),
            kinds: handlers.keys().copied().collect(),
            platform: parts.schedules,
            is_set_up: AtomicBool::new(false),
            env: parts.env.clone(),
        };
        let name = format!("worker-{}", parts.env.ids.uuid());
        let consuming = consumers.into_iter().map(|consumer| Consuming {
            bus: parts.bus.clone(),
            uow: parts.relay.clone(),
            consumer,
            worker: name.clone(),
            env: parts.env.clone(),
            metrics: Arc::default(),
        });
        let consuming = consuming.collect();
        let tracker = TaskTracker::new();
        let presence = Presence {
            registry: parts.registry,
            name: name.clone(),
            tracker: tracker.clone(),
            env: parts.env.clone(),
        };
        let relay = Relay { outbox: parts.outbox, bus: parts.bus, env: parts.env.clone() };
        Self {
            name,
            presence,
            queue: parts.queue,
            handlers: Arc::new(handlers),
            relay,
            consuming,
            planner,
            signal,
            metrics: Arc::default(),
            tracker,
            env: parts.env,
        }
    }

    /// Counts what it does there.
    #[must_use]
    pub fn measured(mut self, metrics: Arc<Metrics>) -> Self {
        for consuming in &mut self.consuming {
            consuming.metrics = metrics.clone();
        }
        self.metrics = metrics;
        self
    }

    /// Takes no job but of these kinds.
    #[must_use]
    pub fn only(mut self, kinds: &[&str]) -> Self {
        let handlers = self.handlers.iter().filter(|(kind, _)| kinds.contains(kind));
        self.handlers = Arc::new(handlers.map(|(&kind, handler)| (kind, handler.clone())).collect());
        self
    }

    /// How far this machine's clock is from the one that the workers share.
    ///
    /// # Errors
    /// The store's.
    pub async fn clock_skew(&self) -> StoreResult<ClockSkew> {
        self.presence.clock_skew().await
    }

    /// Works until `stop` turns true; then claims nothing more, gives the running jobs [`GRACE`], and hands back those that
    /// have not ended by then: whoever is there may claim them at once. Those of a worker that can't hand them back, as of
    /// one whose future is dropped, wait until their leases run out.
    #[expect(clippy::disallowed_methods, reason = "the end has nothing to wait for but time")]
    pub async fn run(&self, stop: watch::Receiver<bool>) {
        let consuming = join_all(self.consuming.iter().map(Consuming::run));
        let relay = self.relay.run(&self.signal, &self.metrics);
        // Each has an arm of its own: whatever one of them waits for, the others go on.
        let work = async {
            tokio::join!(
                unless(stop.clone(), relay),
                unless(stop.clone(), consuming),
                unless(stop.clone(), self.planner.run()),
                unless(stop.clone(), self.presence.run()),
                self.run_jobs(stop.clone()),
            )
        };
        let overdue = async {
            stopped(&mut stop.clone()).await;
            tokio::time::sleep(ENDS_WITHIN).await;
        };
        tokio::select! {
            _ = work => {}
            () = overdue => tracing::warn!("the worker has not ended in time; leases of jobs run out"),
        }
    }

    async fn run_jobs(&self, mut stop: watch::Receiver<bool>) {
        let mut ear = self.signal.ear();
        let mut running = Running::default();
        let mut poll = tokio::time::interval(POLL);
        tracing::info!(worker.name = self.name, "worker started");
        loop {
            self.fill(&mut running, &stop).await;
            tokio::select! {
                () = stopped(&mut stop) => break,
                true = running.one_ends() => {}
                () = ear.woken() => {}
                _ = poll.tick() => {}
            }
        }
        self.finish(running).await;
        let left = tokio::time::timeout(HAND_BACK, self.presence.leave()).await;
        if !matches!(left, Ok(Ok(()))) {
            tracing::warn!("the end of the worker could not be noted; it shows when it is silent");
        }
        tracing::info!(worker.name = self.name, "worker stopped");
    }

    /// Lets the running jobs end, and hands back those that don't in time, once their handlers are at rest.
    async fn finish(&self, mut running: Running) {
        let all_end = async { while running.one_ends().await {} };
        if tokio::time::timeout(GRACE, all_end).await.is_ok() {
            return;
        }
        let handed_back = async {
            let jobs = running.stop().await;
            self.tracker.close();
            self.tracker.wait().await;
            join_all(jobs.iter().map(|(job, begun)| self.hand_back(job, *begun))).await;
        };
        if tokio::time::timeout(HAND_BACK, handed_back).await.is_err() {
            tracing::warn!("not all running jobs could be handed back; their leases run out");
        }
    }

    /// Asks once: there is no time to wait for a store that is away.
    async fn hand_back(&self, job: &Job, begun: Timestamp) {
        match attempt::settle(self.queue.as_ref(), &self.env, job, &Settlement::HandedBack).await {
            Ok(true) => {
                tracing::warn!(job.id = %job.id, job.kind, "a job has not ended in time and is handed back");
                let took = self.env.now().since(begun);
                self.metrics.job_ended(&job.kind, Settlement::HandedBack.name(), took);
            }
            Ok(false) => tracing::warn!(job.id = %job.id, job.kind, "the job was held no longer"),
            Err(error) => {
                tracing::error!(%error, job.id = %job.id, job.kind, "the job could not be handed back");
            }
        }
    }

    /// Runs everything that is due, one after another, until nothing is: for tests that move the clock.
    ///
    /// # Errors
    /// The store's.
    pub async fn run_until_idle(&self) -> StoreResult<()> {
        loop {
            let published =
                self.relay.pass().await.map_err(|error| StoreError::Unavailable(error.to_string()))?;
            let mut handed_on = published + self.planner.pass().await?;
            for consuming in &self.consuming {
                handed_on += consuming.pass().await;
            }
            match self.claim(&Running::default()).await? {
                Some(job) => self.attempt(job).await,
                None if handed_on == 0 => return Ok(()),
                None => {}
            }
        }
    }

    /// Starts jobs until the worker is busy or none is due. A store that is away is reported and tried again with the
    /// next poll.
    async fn fill(&self, running: &mut Running, stop: &watch::Receiver<bool>) {
        while running.len() < PARALLEL && !*stop.borrow() {
            match self.claim(running).await {
                Ok(Some(job)) => running.begin((job.clone(), self.env.now()), self.attempt(job)),
                Ok(None) => return,
                Err(error) => {
                    tracing::warn!(error = %error, "no job could be claimed");
                    return;
                }
            }
        }
    }

    /// The next job of a kind that has a handler here, which may run one more. Other kinds wait for a worker that knows
    /// them, as one of a newer version may.
    async fn claim(&self, running: &Running) -> StoreResult<Option<Job>> {
        let free = self.handlers.values().filter(|handler| running.of(handler.kind()) < handler.parallel());
        let kinds: Vec<&'static str> = free.map(|handler| handler.kind()).collect();
        let scope = SystemScope::for_worker();
        self.queue.claim(&scope, Kinds::Only(&kinds), &self.name, self.env.now(), LEASE).await
    }

    fn attempt(&self, job: Job) -> impl Future<Output = ()> + Send + use<> {
        let attempts = Attempts {
            queue: Arc::clone(&self.queue),
            handlers: Arc::clone(&self.handlers),
            metrics: Arc::clone(&self.metrics),
            tracker: self.tracker.clone(),
            env: self.env.clone(),
        };
        attempts.run(job)
    }
}

/// Who does which kind of job: those that it is given, and its own.
fn handlers(
    parts: &WorkerParts,
    consumers: &[Arc<dyn EventConsumer>],
) -> HashMap<&'static str, Arc<dyn JobHandler>> {
    let mut handlers: HashMap<_, _> =
        parts.handlers.iter().map(|handler| (handler.kind(), handler.clone())).collect();
    let (uow, env) = (parts.relay.clone(), parts.env.clone());
    let again: Arc<dyn JobHandler> = Arc::new(ConsumeAgain { uow, env, consumers: consumers.to_vec() });
    handlers.insert(again.kind(), again);
    let burials: Arc<dyn JobHandler> = Arc::new(Burials(handlers.clone()));
    handlers.insert(burials.kind(), burials);
    handlers
}

/// Returns when the worker is to stop.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    // Nobody who could say so any more is as good as having said it.
    drop(stop.wait_for(|stop| *stop).await);
}

/// Works until it is done, or the worker is to stop: all of it can be taken up again.
async fn unless<T>(mut stop: watch::Receiver<bool>, work: impl Future<Output = T>) {
    tokio::select! {
        () = stopped(&mut stop) => {}
        _ = work => {}
    }
}

#[cfg(test)]
mod tests;
