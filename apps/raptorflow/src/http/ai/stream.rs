//! An answer as server-sent events.

use super::answer::AnswerBody;
use crate::http::{
    live::{Place, streaming},
    problem::Problem,
};
use actix_web::{HttpResponse, web::Bytes};
use agents::{
    dispatch::{Delta, Refusal},
    services::{AnswerPiece, AnswerStream},
};
use futures_util::StreamExt;
use kernel::CorrelationId;
use serde::Serialize;
use serde_json::json;
use std::convert::Infallible;

/// Each piece goes out as it comes; dropping the answer drops the model's, and leaves its place.
pub(super) fn answer(
    place: Place,
    pieces: AnswerStream,
    typed: bool,
    correlation: CorrelationId,
    path: String,
) -> HttpResponse {
    let events = pieces.filter_map(move |piece| {
        let _place = &place;
        let text = match piece {
            Ok(AnswerPiece::Delta(Delta::Text(text))) => Some(event("delta", &json!({ "text": text }))),
            // Thoughts and calls of tools are not asked for here; usage comes with the whole.
            Ok(AnswerPiece::Delta(_)) => None,
            Ok(AnswerPiece::End(whole)) => Some(event("answer", &AnswerBody::of(*whole, typed))),
            Err(refusal) => Some(failed(refusal, &correlation, &path)),
        };
        std::future::ready(text.map(Ok::<_, Infallible>))
    });
    streaming(events)
}

/// JSON has no line break outside strings, and escapes those inside.
fn event(name: &str, data: &impl Serialize) -> Bytes {
    let data = serde_json::to_string(data).unwrap_or_default();
    Bytes::from(format!("event: {name}\ndata: {data}\n\n"))
}

fn failed(refusal: Refusal, correlation: &CorrelationId, path: &str) -> Bytes {
    let problem = Problem::from(refusal);
    tracing::warn!(error = problem.cause(), code = problem.code().name, "a stream of an answer broke off");
    event("error", &problem.body(correlation.as_str(), path))
}
