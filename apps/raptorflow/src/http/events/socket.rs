//! `GET /api/v1/workspaces/{workspace_id}/events/ws`: the same over a WebSocket.

use crate::http::live::{Following, Handshake, Protocol, Start, Topic, socket};
use crate::http::{problem::Problem, tenant::Tenant};
use crate::wiring::Services;
use actix_web::{HttpRequest, HttpResponse, web};

pub(super) const PATH: &str = "/api/v1/workspaces/{workspace_id}/events/ws";

pub(super) async fn follow_events(
    _: Handshake,
    services: web::Data<Services>,
    request: HttpRequest,
    payload: web::Payload,
    tenant: Tenant,
) -> Result<HttpResponse, Problem> {
    let topic = Topic::Workspace(services.events.clone());
    let start = Start { topic, protocol: Protocol::WebSocket, had: socket::last_event_id(&request)? };
    socket::upgrade(&request, payload, Following::begin(&request, tenant, start).await?)
}
