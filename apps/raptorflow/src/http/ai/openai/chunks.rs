//! A chat completion as server-sent events.

use super::{
    completion::{UsageBody, created, id_of},
    tools::ExtraBody,
};
use crate::http::{
    arrival::Arrival,
    live::{Place, streaming},
    problem::Problem,
};
use actix_web::{
    HttpResponse,
    web::{Bytes, BytesMut},
};
use agents::{
    dispatch::{Answer, Delta, Part, Refusal},
    services::{AnswerPiece, AnswerStream, OngoingAnswer},
};
use futures_util::StreamExt;
use kernel::CorrelationId;
use serde::Serialize;
use std::convert::Infallible;

/// What all chunks of an answer say, and what its client asked for.
pub(super) struct Chunks {
    id: String,
    created: u64,
    model: String,
    tells_usage: bool,
    correlation: CorrelationId,
    path: String,
    has_begun: bool,
}

#[derive(Serialize)]
struct Chunk<'c> {
    id: &'c str,
    object: &'static str,
    created: u64,
    model: &'c str,
    /// None in the one that tells usage.
    choices: &'c [Choice<'c>],
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<UsageBody>,
}

#[derive(Serialize)]
struct Choice<'c> {
    index: u32,
    delta: More<'c>,
    logprobs: Option<()>,
    finish_reason: Option<&'static str>,
}

#[derive(Default, Serialize)]
struct More<'c> {
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<&'c str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_calls: Option<[MoreCall<'c>; 1]>,
}

#[derive(Default, Serialize)]
struct MoreCall<'c> {
    index: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'c str>,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    function: Option<MoreFunction<'c>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    extra_content: Option<ExtraBody>,
}

#[derive(Serialize)]
struct MoreFunction<'c> {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'c str>,
    arguments: &'c str,
}

impl Chunks {
    pub(super) fn new(of: &OngoingAnswer, arrival: &Arrival, tells_usage: bool) -> Self {
        Self {
            id: id_of(of.call),
            created: created(of.call),
            model: of.source.model.clone(),
            tells_usage,
            correlation: arrival.correlation_id.clone(),
            path: arrival.path.clone(),
            has_begun: false,
        }
    }

    /// Each piece goes out as it comes; dropping the answer drops the model's, and leaves its place.
    pub(super) fn answer(mut self, place: Place, pieces: AnswerStream) -> HttpResponse {
        let chunks = pieces.filter_map(move |piece| {
            let _place = &place;
            let bytes = self.piece(piece);
            std::future::ready((!bytes.is_empty()).then_some(Ok::<_, Infallible>(bytes)))
        });
        streaming(chunks)
    }

    fn piece(&mut self, piece: Result<AnswerPiece, Refusal>) -> Bytes {
        let mut bytes = BytesMut::new();
        if !self.has_begun && piece.is_ok() {
            self.has_begun = true;
            self.choice(
                &mut bytes,
                More { role: Some("assistant"), content: Some(""), ..More::default() },
                None,
            );
        }
        match piece {
            Ok(AnswerPiece::Delta(delta)) => self.delta(&mut bytes, &delta),
            Ok(AnswerPiece::End(answer)) => self.end(&mut bytes, &answer),
            Err(refusal) => self.fail(&mut bytes, refusal),
        }
        bytes.freeze()
    }

    fn delta(&self, to: &mut BytesMut, delta: &Delta) {
        let call = |call| More { tool_calls: Some([call]), ..More::default() };
        let more = match delta {
            Delta::Text(text) => More { content: Some(text), ..More::default() },
            Delta::ToolCall { index, id, name } => call(MoreCall {
                index: *index,
                id: Some(id),
                kind: Some("function"),
                function: Some(MoreFunction { name: Some(name), arguments: "" }),
                ..MoreCall::default()
            }),
            Delta::Arguments { index, json } => call(MoreCall {
                index: *index,
                function: Some(MoreFunction { name: None, arguments: json }),
                ..MoreCall::default()
            }),
            // Thoughts have no place among these chunks; usage comes with the end.
            Delta::Thought(_) | Delta::Usage(_) | Delta::End(_) => return,
        };
        self.choice(to, more, None);
    }

    fn end(&self, to: &mut BytesMut, answer: &Answer) {
        let seals = answer.reply.parts.iter().filter_map(|part| match part {
            Part::ToolCall { signature, .. } => Some(signature.clone()),
            _ => None,
        });
        for (index, seal) in seals.enumerate() {
            let Some(seal) = seal else { continue };
            let call = MoreCall { index, extra_content: Some(ExtraBody::of(seal)), ..MoreCall::default() };
            self.choice(to, More { tool_calls: Some([call]), ..More::default() }, None);
        }
        self.choice(to, More::default(), Some(answer.reply.finish.name()));
        if self.tells_usage {
            let usage = UsageBody::of(&answer.usage, answer.cost, answer.is_estimated);
            event(to, &self.chunk(&[], Some(usage)));
        }
        to.extend_from_slice(b"data: [DONE]\n\n");
    }

    fn fail(&self, to: &mut BytesMut, refusal: Refusal) {
        let problem = Problem::from(refusal);
        tracing::warn!(
            error = problem.cause(),
            code = problem.code().name,
            "a stream of an answer broke off"
        );
        event(to, &problem.body(self.correlation.as_str(), &self.path));
    }

    fn choice(&self, to: &mut BytesMut, delta: More<'_>, finish_reason: Option<&'static str>) {
        let choices = [Choice { index: 0, delta, logprobs: None, finish_reason }];
        event(to, &self.chunk(&choices, None));
    }

    fn chunk<'c>(&'c self, choices: &'c [Choice<'c>], usage: Option<UsageBody>) -> Chunk<'c> {
        Chunk {
            id: &self.id,
            object: "chat.completion.chunk",
            created: self.created,
            model: &self.model,
            choices,
            usage,
        }
    }
}

/// JSON has no line break outside strings, and escapes those inside.
fn event(to: &mut BytesMut, data: &impl Serialize) {
    to.extend_from_slice(b"data: ");
    to.extend_from_slice(&serde_json::to_vec(data).unwrap_or_default());
    to.extend_from_slice(b"\n\n");
}
