use super::page_of;
use crate::http::listing::{Listing, PageBody, PageParams};
use crate::http::path::PathId;
use crate::http::reply::Answer;
use crate::http::schema::names;
use crate::http::tenant::Tenant;
use crate::wiring::Services;
use actix_web::{get, web};
use agents::{AgentStep, Origin, StepName, StepStatus};
use kernel::{RunId, StepId, Timestamp};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa::openapi::schema::Object;

/// A finished step of a run.
#[derive(Debug, Serialize, ToSchema)]
struct StepBody {
    #[schema(value_type = Uuid)]
    id: StepId,
    #[schema(value_type = Uuid)]
    run_id: RunId,
    /// Its place in the run, from 1 without gaps.
    number: i32,
    #[schema(schema_with = step_names)]
    name: StepName,
    /// `failed`: the run ended with it.
    #[schema(schema_with = statuses)]
    status: StepStatus,
    /// Who thought of the output, `model` or `baseline`; `null` for a step that thinks of nothing.
    #[schema(value_type = Option<String>, required)]
    origin: Option<Origin>,
    /// What came from outside the run.
    #[schema(value_type = Option<Object>, required)]
    input: Option<Value>,
    /// Its result; `code` and `message` for one that failed.
    #[schema(value_type = Object)]
    output: Value,
    #[schema(value_type = String, format = DateTime)]
    started_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    finished_at: Timestamp,
}

fn step_names() -> Object {
    names(StepName::STRATEGY.map(StepName::name))
}

fn statuses() -> Object {
    names(StepStatus::ALL.map(StepStatus::name))
}

impl From<AgentStep> for StepBody {
    fn from(step: AgentStep) -> Self {
        Self {
            id: step.id,
            run_id: step.run_id,
            number: step.number,
            name: step.name,
            status: step.status,
            origin: step.origin,
            input: step.input,
            output: step.output,
            started_at: step.started_at,
            finished_at: step.finished_at,
        }
    }
}

/// List a run's steps
///
/// In order; a step that is under way is not among them.
#[utoipa::path(tag = "agents", operation_id = "list_steps", params(PageParams),
    responses((status = 200, body = PageBody<StepBody>)),
    extensions(("x-access" = json!("member")), ("x-reads" = json!(["agent_runs", "agent_steps"]))))]
#[get("/api/v1/agents/runs/{run_id}/steps")]
pub(super) async fn list_steps(
    services: web::Data<Services>,
    tenant: Tenant,
    run: PathId<RunId>,
    list: Listing,
) -> Answer<PageBody<StepBody>> {
    let asked = list.page(&tenant)?;
    let steps = services.runs.steps(&tenant.scope, run.0).await?;
    let page = page_of(steps, &asked, |step| step.number);
    Ok(list.answer(&tenant, page.map(StepBody::from)))
}
