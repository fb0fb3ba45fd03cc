//! An answer as server-sent events.

use super::answer::AnswerBody;
use crate::http::problem::Problem;
use actix_web::{HttpResponse, http::header, web::Bytes};
use agents::{
    dispatch::{Delta, Refusal},
    services::{AnswerPiece, AnswerStream},
};
use futures_util::StreamExt;
use kernel::CorrelationId;
use serde::Serialize;
use serde_json::json;
use std::convert::Infallible;

/// Each piece goes out as it comes; dropping the answer drops the model's.
pub(super) fn answer(
    pieces: AnswerStream,
    typed: bool,
    correlation: CorrelationId,
    path: String,
) -> HttpResponse {
    let events = pieces.filter_map(move |piece| {
        let text = match piece {
            Ok(AnswerPiece::Delta(Delta::Text(text))) => Some(event("delta", &json!({ "text": text }))),
            // Thoughts and calls of tools are not asked for here; usage comes with the whole.
            Ok(AnswerPiece::Delta(_)) => None,
            Ok(AnswerPiece::End(whole)) => Some(event("answer", &AnswerBody::of(*whole, typed))),
            Err(refusal) => Some(failed(refusal, &correlation, &path)),
        };
        std::future::ready(text.map(Ok::<_, Infallible>))
    });
    HttpResponse::Ok()
        .content_type("text/event-stream")
        // Compressed, a piece would wait for the next ones; and so would it in a proxy that gathers answers.
        .insert_header((header::CONTENT_ENCODING, "identity"))
        .insert_header(("x-accel-buffering", "no"))
        .streaming(events)
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
