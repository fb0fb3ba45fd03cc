use super::{LEASE, outage::Outage};
use crate::metrics::Metrics;
use kernel::{
    Environment, Job, JobFailure, JobHandler, JobQueue, NewJob, Settlement, StoreError, StoreResult,
    SystemScope, backoff,
};
use std::{collections::HashMap, convert::Infallible, pin::pin, sync::Arc, time::Duration};
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

    /// One attempt; answers what became of the job, for those who count. The lease is kept until the end is stored: what
    /// was done is not to be done again because burying took long, or the store was away.
    async fn attempt(&self, job: &Job) -> &'static str {
        let handler = self.handlers.get(job.kind.as_str());
        let mut lost = pin!(keep_lease(self.queue.as_ref(), &self.env, job));
        let settlement = tokio::select! {
            settlement = self.work(handler, job) => settlement,
            () = &mut lost => None,
        };
        let Some(settlement) = settlement else {
            tracing::warn!("the lease was lost: the job was called off, or another worker has it");
            return LOST;
        };
        tell(&settlement);
        if settlement == Settlement::Succeeded && handler.is_some_and(|handler| handler.settles()) {
            return settlement.name();
        }
        // Once it is settled the lease is gone as well. So it is settling that says whether it was lost.
        let kept = async {
            lost.await;
            std::future::pending::<Infallible>().await
        };
        tokio::select! {
            end = self.settle(job, &settlement) => end,
            never = kept => match never {},
        }
    }

    /// Does the work, and ends what waits for it when it was in vain. Answers what becomes of the job; `None` when the
    /// handler finds that the attempt is held no longer.
    async fn work(&self, handler: Option<&Arc<dyn JobHandler>>, job: &Job) -> Option<Settlement> {
        let settlement = match outcome(handler, job, &self.tracker).await {
            Err(JobFailure::Lost) => return None,
            Ok(()) => Settlement::Succeeded,
            Err(failure) => job.after_failure(&failure, self.env.now(), self.jitter()),
        };
        if let (Settlement::Failed { error }, Some(handler)) = (&settlement, handler)
            && !bury(handler, job, error, &self.tracker).await
            && job.attempts < job.max_attempts + NewJob::ATTEMPTS
        {
            // It keeps the error, for the dead letter that it becomes when it can be buried.
            let at = self.env.now().plus(backoff(job.attempts, self.jitter()));
            return Some(Settlement::Retry { at, error: error.clone() });
        }
        Some(settlement)
    }

    fn jitter(&self) -> u8 {
        self.env.ids.uuid().as_bytes()[15]
    }

    /// Ends the attempt. A store that is away is asked until it answers: it changes nothing twice, and nothing that is held
    /// no longer. One that refuses is not asked again: the lease runs out, and another attempt follows.
    #[expect(clippy::disallowed_methods, reason = "the pause between attempts has nothing to wait for")]
    async fn settle(&self, job: &Job, settlement: &Settlement) -> &'static str {
        let mut outage = Outage::of("the job can't be settled, and waits for the store");
        loop {
            match settle(self.queue.as_ref(), &self.env, job, settlement).await {
                Ok(true) => return settlement.name(),
                // The try before may have gone through, and its answer not.
                Ok(false) if outage.is_on() => return settlement.name(),
                Ok(false) => {
                    tracing::warn!("the job had been called off, or given to another worker");
                    return LOST;
                }
                Err(StoreError::Unavailable(why)) => {
                    let pause = outage.after(Err::<(), _>(why));
                    tokio::time::sleep(pause.unwrap_or_default()).await;
                }
                Err(error) => {
                    tracing::error!(%error, "the job could not be settled");
                    return LOST;
                }
            }
        }
    }
}

/// How the handler ended.
async fn outcome(
    handler: Option<&Arc<dyn JobHandler>>,
    job: &Job,
    tracker: &TaskTracker,
) -> Result<(), JobFailure> {
    let Some(handler) = handler.cloned() else {
        return Err(JobFailure::Transient(format!("this build has no handler for `{}`", job.kind)));
    };
    if job.is_exhausted() {
        // Either it failed and could not be buried, and says so, or its worker died.
        let error = job.last_error.as_deref().unwrap_or("the lease of the last attempt ran out");
        return Err(JobFailure::Permanent(error.to_owned()));
    }
    let (limit, job) = (handler.time_limit(), job.clone());
    guarded(limit, tracker, async move { handler.handle(&job).await }).await
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

/// Says what becomes of the job.
fn tell(settlement: &Settlement) {
    match settlement {
        Settlement::Succeeded | Settlement::HandedBack => tracing::debug!("job {}", settlement.name()),
        Settlement::Retry { at, error } => {
            tracing::warn!(error, retry_at = %at, "job failed; it will be retried")
        }
        Settlement::Failed { error } => tracing::error!(error, "job failed for good; it is a dead letter"),
    }
}

/// Asks once to end the attempt; answers whether the worker still held it.
pub(super) async fn settle(
    queue: &dyn JobQueue,
    env: &Environment,
    job: &Job,
    settlement: &Settlement,
) -> StoreResult<bool> {
    queue.settle(&SystemScope::for_worker(), job, settlement, env.now()).await
}

#[cfg(test)]
mod tests;
