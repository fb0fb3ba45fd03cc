use super::job::{JobBody, states};
use crate::http::listing::{ById, Listing, PageBody, PageParams};
use crate::http::path::PathId;
use crate::http::reply::{Answer, Reply};
use crate::http::tenant::Tenant;
use crate::wiring::Services;
use actix_web::{get, web};
use kernel::{JobFilter, JobId, JobState};
use serde::Deserialize;

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct ByStateAndKind {
    /// Jobs in this state only.
    #[param(schema_with = states, required = false)]
    state: Option<JobState>,
    /// Jobs of this kind only.
    #[param(max_length = 80)]
    kind: Option<String>,
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct ByKind {
    /// Jobs of this kind only.
    #[param(max_length = 80)]
    kind: Option<String>,
}

/// List jobs
///
/// The newest first.
#[utoipa::path(tag = "jobs", operation_id = "list_jobs", params(PageParams, ByStateAndKind),
    responses((status = 200, body = PageBody<JobBody>)),
    extensions(("x-access" = json!("member")), ("x-reads" = json!(["jobs"]))))]
#[get("/api/v1/jobs")]
pub(super) async fn list_jobs(
    services: web::Data<Services>,
    tenant: Tenant,
    list: Listing<ByStateAndKind>,
) -> Answer<PageBody<JobBody>> {
    let filter = JobFilter { state: list.filter.state, kind: list.filter.kind.clone() };
    let page = services.jobs.list(&tenant.scope, &filter, &list.page::<ById>(&tenant)?).await?;
    Ok(list.answer(&tenant, page.map(JobBody::from)))
}

/// List dead letters
///
/// Jobs that were given up, the newest first.
#[utoipa::path(tag = "jobs", operation_id = "list_dead_letters", params(PageParams, ByKind),
    responses((status = 200, body = PageBody<JobBody>)),
    extensions(("x-access" = json!("admin")), ("x-reads" = json!(["jobs"]))))]
#[get("/api/v1/jobs/dead-letters")]
pub(super) async fn list_dead_letters(
    services: web::Data<Services>,
    tenant: Tenant,
    list: Listing<ByKind>,
) -> Answer<PageBody<JobBody>> {
    let filter = JobFilter { state: Some(JobState::Failed), kind: list.filter.kind.clone() };
    let page = services.jobs.dead_letters(&tenant.scope, &filter, &list.page::<ById>(&tenant)?).await?;
    Ok(list.answer(&tenant, page.map(JobBody::from)))
}

/// Read a job
#[utoipa::path(tag = "jobs", operation_id = "read_job", responses((status = 200, body = JobBody)),
    extensions(("x-access" = json!("member")), ("x-reads" = json!(["jobs"]))))]
#[get("/api/v1/jobs/{job_id}")]
pub(super) async fn read_job(
    services: web::Data<Services>,
    tenant: Tenant,
    job: PathId<JobId>,
) -> Answer<JobBody> {
    Ok(Reply::ok(services.jobs.get(&tenant.scope, job.0).await?.into()))
}
