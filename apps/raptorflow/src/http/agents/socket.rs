//! `GET /api/v1/agents/runs/{run_id}/ws`: a run's progress over a WebSocket.

use crate::http::live::{Following, Handshake, Protocol, Start, Topic, socket};
use crate::http::{path::PathId, problem::Problem, tenant::Tenant};
use crate::wiring::Services;
use actix_web::{HttpRequest, HttpResponse, web};
use kernel::RunId;

pub(super) const PATH: &str = "/api/v1/agents/runs/{run_id}/ws";

pub(super) async fn follow_run(
    _: Handshake,
    services: web::Data<Services>,
    request: HttpRequest,
    payload: web::Payload,
    tenant: Tenant,
    run: PathId<RunId>,
) -> Result<HttpResponse, Problem> {
    let topic = Topic::Run(services.progress.clone(), run.0);
    let start = Start { topic, protocol: Protocol::WebSocket, had: socket::last_event_id(&request)? };
    socket::upgrade(&request, payload, Following::begin(&request, tenant, start).await?)
}
