//! `GET /api/v1/workspaces/{workspace_id}/events/stream`.

use crate::http::live::{Following, Protocol, Start, Topic, answer, last_event_id};
use crate::http::{problem::Problem, tenant::Tenant};
use crate::wiring::Services;
use actix_web::{HttpRequest, HttpResponse, get, web};

/// The workspace's facts as they are told, as server-sent events.
///
/// An event's `id` is the number of the fact in the workspace, its `event` the type, its `data` the envelope. With
/// `Last-Event-ID: n` the stream begins after number n, so that a client that was cut off misses nothing; without it, with
/// what comes next. A comment every 15 seconds keeps the connection open. The stream ends when the access token expires,
/// when the caller is no longer a member, and when the server ends: then connect again, after what `retry` says. Who has
/// too many streams open gets 429. The same messages come over a WebSocket; `docs/real-time.md` says how.
#[utoipa::path(tag = "events", operation_id = "stream_events",
    params(("Last-Event-ID" = Option<i64>, Header, description = "The number of the fact that the client had last")),
    responses((status = 200, body = String, content_type = "text/event-stream")),
    extensions(("x-access" = json!("member")), ("x-scope" = json!("audit:read")), ("x-reads" = json!(["events"]))))]
#[get("/api/v1/workspaces/{workspace_id}/events/stream")]
pub(super) async fn stream_events(
    services: web::Data<Services>,
    request: HttpRequest,
    tenant: Tenant,
) -> Result<HttpResponse, Problem> {
    let topic = Topic::Workspace(services.events.clone());
    let start = Start { topic, protocol: Protocol::Sse, had: last_event_id(&request)? };
    Ok(answer(Following::begin(&request, tenant, start).await?))
}
