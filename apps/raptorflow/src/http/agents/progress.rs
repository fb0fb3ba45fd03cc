//! `GET /api/v1/agents/runs/{run_id}/stream`.

use crate::http::live::{Following, Protocol, Start, Topic, answer, last_event_id};
use crate::http::{path::PathId, problem::Problem, tenant::Tenant};
use crate::wiring::Services;
use actix_web::{HttpRequest, HttpResponse, get, web};
use kernel::RunId;

/// Follow an agent run, as server-sent events.
///
/// From its beginning: `agent_run.queued`, `agent_run.started`, `agent_run.step_finished` for each step, and at its end
/// `agent_run.completed` or `agent_run.failed`, after which the stream ends. The step under way is the one after the last
/// that has finished. An event's `id` is the number of the fact in the workspace, so they grow and have gaps, its `data` the
/// envelope of the fact. `Last-Event-ID: n` goes on after number n; who has had the end already gets 204. Heartbeats, early
/// ends and the WebSocket with the same messages are as for the workspace's events.
#[utoipa::path(tag = "agents", operation_id = "stream_run",
    params(("Last-Event-ID" = Option<i64>, Header, description = "The number of the fact that the client had last")),
    responses((status = 200, body = String, content_type = "text/event-stream"),
        (status = 204, description = "The run has ended, and the client has had everything.")),
    extensions(("x-access" = json!("member")), ("x-reads" = json!(["agent_runs", "events"]))))]
#[get("/api/v1/agents/runs/{run_id}/stream")]
pub(super) async fn stream_run(
    services: web::Data<Services>,
    request: HttpRequest,
    tenant: Tenant,
    run: PathId<RunId>,
) -> Result<HttpResponse, Problem> {
    let topic = Topic::Run(services.progress.clone(), run.0);
    let start = Start { topic, protocol: Protocol::Sse, had: last_event_id(&request)? };
    Ok(answer(Following::begin(&request, tenant, start).await?))
}
