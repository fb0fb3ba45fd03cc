use super::LEASE;
use kernel::{Environment, Job, JobFailure, JobHandler, JobQueue, Settlement, SystemScope};
use std::{collections::HashMap, sync::Arc, time::Duration};
use tracing::Instrument;

/// How long one attempt may take before it counts as failed.
const TIME_LIMIT: Duration = Duration::from_secs(300);

type Handlers = HashMap<&'static str, Arc<dyn JobHandler>>;

/// Runs one attempt of a job and settles it. The lease is renewed meanwhile; when it is lost, another worker has the job
/// and this attempt ends without a word.
pub(super) async fn run(queue: Arc<dyn JobQueue>, handlers: Arc<Handlers>, env: Environment, job: Job) {
    let span = tracing::info_span!(
        "job",
        job.id = %job.id,
        job.kind = job.kind,
        job.attempt = job.attempts,
        workspace.id = job.workspace_id.map(tracing::field::display),
        correlation_id = job.correlation_id.as_str(),
    );
    async {
        let outcome = tokio::select! {
            outcome = handle(&handlers, job.clone()) => outcome,
            () = keep_lease(queue.as_ref(), &env, &job) => {
                tracing::warn!("the lease was lost; another worker has the job");
                return;
            }
        };
        settle(queue.as_ref(), &env, &job, outcome).await;
    }
    .instrument(span)
    .await;
}

/// The handler runs in a task of its own, so that its panic is a failed attempt and not the worker's end.
async fn handle(handlers: &Handlers, job: Job) -> Result<(), JobFailure> {
    let Some(handler) = handlers.get(job.kind.as_str()).cloned() else {
        return Err(JobFailure::Transient(format!("this build has no handler for `{}`", job.kind)));
    };
    let attempt = async move { handler.handle(&job).await };
    let mut task = tokio::spawn(attempt.in_current_span());
    let outcome = tokio::time::timeout(TIME_LIMIT, &mut task).await;
    task.abort();
    match outcome {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(panic)) => Err(JobFailure::Transient(format!("the handler stopped: {panic}"))),
        Err(_) => Err(JobFailure::Transient(format!("no end within {} s", TIME_LIMIT.as_secs()))),
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

async fn settle(queue: &dyn JobQueue, env: &Environment, job: &Job, outcome: Result<(), JobFailure>) {
    let now = env.now();
    let settlement = match &outcome {
        Ok(()) => Settlement::Succeeded,
        Err(failure) => job.after_failure(failure, now, env.ids.uuid().as_bytes()[15]),
    };
    match &settlement {
        Settlement::Succeeded => tracing::debug!("job succeeded"),
        Settlement::Retry { at, error } => {
            tracing::warn!(error, retry_at = %at, "job failed; it will be retried")
        }
        Settlement::Failed { error } => tracing::error!(error, "job failed for good; it is a dead letter"),
    }
    match queue.settle(&SystemScope::for_worker(), job, &settlement, now).await {
        Ok(true) => {}
        Ok(false) => tracing::warn!("the job had been given to another worker"),
        // The lease runs out and another attempt follows.
        Err(error) => tracing::error!(error = %error, "the job could not be settled"),
    }
}
