//! Server-sent events, by the HTML standard (9.2).

use super::{
    following::{Following, Heard},
    places::Place,
};
use crate::http::{codes, header::single, problem::Problem};
use actix_web::http::header;
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};
use futures_util::{Stream, StreamExt, stream};
use kernel::Event;
use std::error::Error;

/// Says which fact a client had last.
const LAST: &str = "Last-Event-ID";
/// A comment, which clients pass over.
const SIGN_OF_LIFE: Bytes = Bytes::from_static(b": still here\n\n");

/// The number of the fact that the client had last.
///
/// # Errors
/// `malformed_header`.
pub(in crate::http) fn last_event_id(request: &HttpRequest) -> Result<Option<i64>, Problem> {
    let number = |text: &str| text.parse().ok().filter(|number| *number >= 0);
    let wrong =
        || Problem::new(&codes::MALFORMED_HEADER).detail(format!("{LAST} must be the number of a fact."));
    single(request, LAST)?.map(|text| number(text).ok_or_else(wrong)).transpose()
}

/// Tells what is followed, until it is over. Who has had everything is answered 204, at which browsers don't come again.
pub(in crate::http) fn answer((following, place): (Following, Place)) -> HttpResponse {
    if following.is_complete() {
        return HttpResponse::NoContent().finish();
    }
    let beginning = stream::once(async { Ok(Bytes::from_static(b"retry: 2000\n\n")) });
    // The place is free again when the answer is dropped, not before: the connection has its memory so long.
    let pieces = stream::unfold((following, place), async |(mut following, place)| {
        let piece = match following.next().await {
            Heard::Facts(facts) => text(&facts),
            Heard::Nothing => Ok(SIGN_OF_LIFE),
            Heard::End(_) => return None,
        };
        let piece = piece.inspect_err(|error| tracing::error!(%error, "a stream of facts broke off"));
        Some((piece, (following, place)))
    });
    streaming(beginning.chain(pieces))
}

/// An answer of events, each sent as it comes.
pub(in crate::http) fn streaming<E: Into<Box<dyn Error>> + 'static>(
    pieces: impl Stream<Item = Result<Bytes, E>> + 'static,
) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/event-stream")
        // Compressed, a piece would wait for the next ones; and so would it in a proxy that gathers answers.
        .insert_header((header::CONTENT_ENCODING, "identity"))
        .insert_header(("x-accel-buffering", "no"))
        .streaming(pieces)
}

fn text(events: &[Event]) -> serde_json::Result<Bytes> {
    let mut text = String::new();
    for event in events {
        // JSON has no line break outside strings, and escapes those inside.
        let data = serde_json::to_string(event)?;
        text.push_str(&format!("id: {}\nevent: {}\ndata: {data}\n\n", event.number, event.event_type));
    }
    Ok(text.into())
}
