use super::job::JobBody;
use crate::http::body::{Nothing, Sent};
use crate::http::idempotency::IdempotencyKeyHeader;
use crate::http::path::PathId;
use crate::http::reply::{Answer, Reply};
use crate::http::tenant::Tenant;
use crate::wiring::Services;
use actix_web::{post, web};
use kernel::JobId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use workspace::services::Replay;

/// Retry a job
///
/// A dead letter and a cancelled job begin anew; one that waits for its time runs now.
#[utoipa::path(tag = "jobs", operation_id = "retry_job", params(IdempotencyKeyHeader),
    responses((status = 200, body = JobBody)),
    extensions(("x-access" = json!("admin")), ("x-reads" = json!(["jobs"])),
        ("x-writes" = json!(["jobs", "events", "idempotency_records"]))))]
#[post("/api/v1/jobs/{job_id}/retry")]
pub(super) async fn retry_job(
    services: web::Data<Services>,
    job: PathId<JobId>,
    sent: Sent<Tenant, Nothing>,
) -> Answer<JobBody> {
    let Sent { caller: Tenant { ctx, scope }, .. } = sent;
    Ok(Reply::ok(services.jobs.retry(&ctx, &scope, job.0).await?.into()))
}

/// Cancel a job
///
/// One that is running is stopped within seconds. What waits for it, such as an agent run, ends as failed.
#[utoipa::path(tag = "jobs", operation_id = "cancel_job", params(IdempotencyKeyHeader),
    responses((status = 200, body = JobBody)),
    extensions(("x-access" = json!("admin")), ("x-reads" = json!(["jobs"])),
        ("x-writes" = json!(["jobs", "events", "idempotency_records"]))))]
#[post("/api/v1/jobs/{job_id}/cancel")]
pub(super) async fn cancel_job(
    services: web::Data<Services>,
    job: PathId<JobId>,
    sent: Sent<Tenant, Nothing>,
) -> Answer<JobBody> {
    let Sent { caller: Tenant { ctx, scope }, .. } = sent;
    Ok(Reply::ok(services.jobs.cancel(&ctx, &scope, job.0).await?.into()))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ReplayDeadLetters {
    /// Those of this kind only; all when absent.
    #[schema(min_length = 1, max_length = 80)]
    kind: Option<String>,
    /// Those after this one only: the `last_job_id` of the replay before.
    #[schema(value_type = Option<Uuid>)]
    after: Option<JobId>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Replay)]
struct ReplayBody {
    /// So many wait again.
    replayed: u64,
    /// So many stayed, as a younger job does the same.
    superseded: u64,
    /// The last one that was looked at; `null` when there was none.
    #[schema(value_type = Option<Uuid>)]
    last_job_id: Option<JobId>,
    /// Whether there are more after it: a hundred at most are looked at in one call, the oldest first.
    has_more: bool,
}

impl From<Replay> for ReplayBody {
    fn from(Replay { replayed, superseded, last, has_more }: Replay) -> Self {
        Self { replayed, superseded, last_job_id: last, has_more }
    }
}

/// Replay dead letters
///
/// Retries the oldest jobs that were given up, a hundred at most. With `after` it goes on where the last one ended.
#[utoipa::path(tag = "jobs", operation_id = "replay_dead_letters", params(IdempotencyKeyHeader),
    request_body = ReplayDeadLetters, responses((status = 200, body = ReplayBody)),
    extensions(("x-access" = json!("admin")), ("x-reads" = json!(["jobs"])),
        ("x-writes" = json!(["jobs", "events", "idempotency_records"]))))]
#[post("/api/v1/jobs/dead-letters/replay")]
pub(super) async fn replay_dead_letters(
    services: web::Data<Services>,
    sent: Sent<Tenant, ReplayDeadLetters>,
) -> Answer<ReplayBody> {
    let Sent { caller: Tenant { ctx, scope }, body } = sent;
    Ok(Reply::ok(services.jobs.replay(&ctx, &scope, body.kind.as_deref(), body.after).await?.into()))
}
