use crate::http::body::{Nothing, Sent};
use crate::http::idempotency::IdempotencyKeyHeader;
use crate::http::path::PathId;
use crate::http::reply::{Answer, Reply};
use crate::http::tenant::Tenant;
use crate::wiring::Services;
use actix_web::{post, web};
use campaign::ports::Execution;
use kernel::{CampaignId, RunId};
use serde::Serialize;
use utoipa::ToSchema;

/// An agent run that was asked for.
#[derive(Debug, Serialize, ToSchema)]
struct ExecutionBody {
    /// Poll `/api/v1/agents/runs/{run_id}`.
    #[schema(value_type = Uuid)]
    run_id: RunId,
    #[schema(value_type = Uuid)]
    campaign_id: CampaignId,
    /// The run's status: `queued`.
    status: String,
}

impl From<Execution> for ExecutionBody {
    fn from(execution: Execution) -> Self {
        Self { run_id: execution.run_id, campaign_id: execution.campaign_id, status: execution.status }
    }
}

/// Execute a campaign
///
/// Queues an agent run that plans the campaign's moves from the business context. Possible from `draft` or
/// `planned`, while a day of the campaign is left: planning again replaces the moves that nobody has touched. A
/// campaign has one such run at a time.
#[utoipa::path(tag = "campaigns", operation_id = "execute_campaign", params(IdempotencyKeyHeader),
    request_body = Nothing, responses((status = 202, body = ExecutionBody)),
    extensions(("x-access" = json!("member")),
        ("x-reads" = json!(["campaigns", "workspaces", "business_contexts", "context_versions", "agents"])),
        ("x-writes" = json!(["agent_runs", "jobs", "events", "idempotency_records"]))))]
#[post("/api/v1/campaigns/execute/{campaign_id}")]
pub(super) async fn execute_campaign(
    services: web::Data<Services>,
    campaign: PathId<CampaignId>,
    sent: Sent<Tenant, Nothing>,
) -> Answer<ExecutionBody> {
    let Tenant { ctx, scope } = sent.caller;
    let execution = services.campaigns.execute(&ctx, &scope, campaign.0).await?;
    let path = format!("/api/v1/agents/runs/{}", execution.run_id);
    Ok(Reply::accepted(execution.into()).location(path))
}
