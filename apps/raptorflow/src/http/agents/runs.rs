use super::run::{RunBody, statuses};
use crate::http::listing::{ById, Listing, PageBody, PageParams};
use crate::http::path::PathId;
use crate::http::reply::{Answer, Reply};
use crate::http::tenant::Tenant;
use crate::wiring::Services;
use actix_web::{get, web};
use agents::RunStatus;
use agents::ports::RunFilter;
use kernel::{CampaignId, RunId};
use serde::Deserialize;

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct ByStatusAndCampaign {
    /// Runs in this status only.
    #[param(schema_with = statuses, required = false)]
    status: Option<RunStatus>,
    /// Runs about this campaign only.
    #[param(value_type = Option<uuid::Uuid>)]
    campaign_id: Option<CampaignId>,
}

/// List agent runs
///
/// The newest first.
#[utoipa::path(tag = "agents", operation_id = "list_runs", params(PageParams, ByStatusAndCampaign),
    responses((status = 200, body = PageBody<RunBody>)),
    extensions(("x-access" = json!("member")), ("x-reads" = json!(["agent_runs"]))))]
#[get("/api/v1/agents/runs")]
pub(super) async fn list_runs(
    services: web::Data<Services>,
    tenant: Tenant,
    list: Listing<ByStatusAndCampaign>,
) -> Answer<PageBody<RunBody>> {
    let ByStatusAndCampaign { status, campaign_id } = list.filter;
    let filter = RunFilter { status, kind: None, subject: campaign_id.map(CampaignId::uuid) };
    let page = services.runs.list(&tenant.scope, filter, &list.page::<ById>(&tenant)?).await?;
    Ok(list.answer(&tenant, page.map(RunBody::from)))
}

/// Read an agent run
///
/// Poll it until its status is `completed`, `failed` or `cancelled`.
#[utoipa::path(tag = "agents", operation_id = "read_run", responses((status = 200, body = RunBody)),
    extensions(("x-access" = json!("member")), ("x-reads" = json!(["agent_runs"]))))]
#[get("/api/v1/agents/runs/{run_id}")]
pub(super) async fn read_run(
    services: web::Data<Services>,
    tenant: Tenant,
    run: PathId<RunId>,
) -> Answer<RunBody> {
    Ok(Reply::ok(services.runs.get(&tenant.scope, run.0).await?.into()))
}
