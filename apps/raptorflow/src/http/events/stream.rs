//! `GET /api/v1/workspaces/{workspace_id}/events/stream`.

use super::following::Following;
use crate::http::{codes, header::single, problem::Problem, tenant::Tenant};
use crate::wiring::Services;
use actix_web::http::header;
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, get, web};
use futures_util::{StreamExt, stream};
use kernel::Event;
use local::LiveStreams;

/// Says which fact a client had last.
const LAST: &str = "Last-Event-ID";
/// A comment, which clients pass over.
const SIGN_OF_LIFE: Bytes = Bytes::from_static(b": still here\n\n");

/// The workspace's facts as they are told, as server-sent events.
///
/// An event's `id` is the number of the fact in the workspace, its `event` the type, its `data` the envelope. With
/// `Last-Event-ID: n` the stream begins after number n, so that a client that was cut off misses nothing; without it, with
/// what comes next. A comment every 15 seconds keeps the connection open. The stream ends when the access token expires,
/// when the caller is no longer a member, and when the server ends: then connect again, after what `retry` says.
#[utoipa::path(tag = "events", operation_id = "stream_events",
    params(("Last-Event-ID" = Option<i64>, Header, description = "The number of the fact that the client had last")),
    responses((status = 200, body = String, content_type = "text/event-stream")),
    extensions(("x-access" = json!("member")), ("x-scope" = json!("audit:read")), ("x-reads" = json!(["events"]))))]
#[get("/api/v1/workspaces/{workspace_id}/events/stream")]
pub(super) async fn stream_events(
    services: web::Data<Services>,
    live: web::Data<LiveStreams>,
    request: HttpRequest,
    tenant: Tenant,
) -> Result<HttpResponse, Problem> {
    let had = last_had(&request)?;
    // From here on it hears of growth: what is told between this and the first look is not missed.
    let follower = live.into_inner().follow(tenant.scope.workspace().into());
    let number = match had {
        Some(number) => number,
        None => services.events.last_number(&tenant.scope).await?,
    };
    let following = Following::new(request, services.events.clone(), tenant.scope, follower, number);
    let beginning = stream::once(async { Ok(Bytes::from_static(b"retry: 2000\n\n")) });
    let pieces = stream::unfold(following, async |mut following| {
        let piece = following.next().await?.map_or(Ok(SIGN_OF_LIFE), |events| text(&events));
        let piece = piece.inspect_err(|error| tracing::error!(%error, "a stream of facts broke off"));
        Some((piece, following))
    });
    Ok(HttpResponse::Ok()
        .content_type("text/event-stream")
        // Compressed, a piece would wait for the next ones; and so would it in a proxy that gathers answers.
        .insert_header((header::CONTENT_ENCODING, "identity"))
        .insert_header(("x-accel-buffering", "no"))
        .streaming(beginning.chain(pieces)))
}

fn last_had(request: &HttpRequest) -> Result<Option<i64>, Problem> {
    let number = |text: &str| text.parse().ok().filter(|number| *number >= 0);
    let wrong =
        || Problem::new(&codes::MALFORMED_HEADER).detail(format!("{LAST} must be the number of a fact."));
    single(request, LAST)?.map(|text| number(text).ok_or_else(wrong)).transpose()
}

/// Facts as events, by the format of the HTML standard (9.2.6).
fn text(events: &[Event]) -> serde_json::Result<Bytes> {
    let mut text = String::new();
    for event in events {
        // JSON has no line break outside strings, and escapes those inside.
        let data = serde_json::to_string(event)?;
        text.push_str(&format!("id: {}\nevent: {}\ndata: {data}\n\n", event.number, event.event_type));
    }
    Ok(text.into())
}
