//! Calls of language models in traces and metrics, by the names of OpenTelemetry's conventions for generative AI. They are not
//! final: all of them stand here.
//!
//! What is asked and answered is in no trace unless `OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT` says so, and in no log
//! and no metric ever.

use crate::metrics::Metrics;
use agents::{
    dispatch::{CallEnd, Message, ModelCall, Part, Speaker},
    ports::models::{CallWatch, Content},
};
use opentelemetry::{Array, StringValue, Value, trace::Status};
use serde_json::json;
use std::sync::Arc;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;

/// What was asked for.
pub(crate) const OPERATION: &str = "gen_ai.operation.name";
/// Who was asked.
pub(crate) const PROVIDER: &str = "gen_ai.provider.name";
/// For which model.
pub(crate) const MODEL: &str = "gen_ai.request.model";
/// Whether tokens went in or out.
pub(crate) const TOKEN_TYPE: &str = "gen_ai.token.type";
/// Why there is no answer.
pub(crate) const ERROR: &str = "error.type";
const RESPONSE_MODEL: &str = "gen_ai.response.model";
const FINISH_REASONS: &str = "gen_ai.response.finish_reasons";
const FIRST_CHUNK: &str = "gen_ai.response.time_to_first_chunk";
const INPUT_TOKENS: &str = "gen_ai.usage.input_tokens";
const OUTPUT_TOKENS: &str = "gen_ai.usage.output_tokens";
const CACHE_READ: &str = "gen_ai.usage.cache_read.input_tokens";
const CACHE_CREATION: &str = "gen_ai.usage.cache_creation.input_tokens";
const REASONING: &str = "gen_ai.usage.reasoning.output_tokens";
const SYSTEM: &str = "gen_ai.system_instructions";
const INPUT: &str = "gen_ai.input.messages";
const OUTPUT: &str = "gen_ai.output.messages";

/// Tells metrics and traces of calls.
pub struct GenAi {
    /// Counts them.
    pub metrics: Arc<Metrics>,
    /// Whether traces say what was asked and answered.
    pub sees_content: bool,
}

impl CallWatch for GenAi {
    fn sees_content(&self) -> bool {
        self.sees_content
    }

    fn ended(&self, span: &Span, call: &ModelCall, content: Option<&Content>) {
        self.metrics.model_called(call);
        if span.is_disabled() {
            return;
        }
        describe(span, call);
        if let Some(content) = content {
            show(span, content);
        }
    }
}

/// Why a call has no answer; `None` when it has one.
pub(crate) const fn error_of(call: &ModelCall) -> Option<&'static str> {
    match call.end {
        CallEnd::Answered(_) | CallEnd::Cached(_) => None,
        CallEnd::Failed(_) | CallEnd::Cancelled | CallEnd::Lost => Some(call.end.name()),
    }
}

fn describe(span: &Span, call: &ModelCall) {
    let (head, usage) = (&call.head, &call.usage);
    span.set_attribute(OPERATION, head.operation.trace_name());
    span.set_attribute(PROVIDER, head.provider.trace_name());
    span.set_attribute(MODEL, head.model.clone());
    if let Some(served_by) = &call.served_by {
        span.set_attribute(RESPONSE_MODEL, served_by.clone());
    }
    if let Some(finish) = call.end.finish() {
        let reasons = vec![StringValue::from(finish.name())];
        span.set_attribute(FINISH_REASONS, Value::Array(Array::String(reasons)));
    }
    if let Some(first) = call.first_token {
        span.set_attribute(FIRST_CHUNK, first.as_secs_f64());
    }
    let counts = [
        (INPUT_TOKENS, usage.input()),
        (OUTPUT_TOKENS, usage.output),
        (CACHE_READ, usage.cache_read),
        (CACHE_CREATION, usage.cache_write_5m.saturating_add(usage.cache_write_1h)),
        (REASONING, usage.reasoning),
        ("raptorflow.attempts", u64::from(call.attempts)),
    ];
    for (name, count) in counts {
        span.set_attribute(name, i64::try_from(count).unwrap_or(i64::MAX));
    }
    span.set_attribute("raptorflow.call.id", head.id.to_string());
    span.set_attribute("raptorflow.cost_usd", call.cost.to_string());
    span.set_attribute("raptorflow.cached", matches!(call.end, CallEnd::Cached(_)));
    span.set_attribute("raptorflow.estimated", call.is_estimated);
    if let Some(alias) = head.alias {
        span.set_attribute("raptorflow.alias", alias.name());
    }
    if let Some(run) = head.run {
        span.set_attribute("raptorflow.run.id", run.to_string());
    }
    if let Some(error) = error_of(call) {
        span.set_attribute(ERROR, error);
        span.set_status(Status::error(error));
    }
}

fn show(span: &Span, content: &Content) {
    if let Some(system) = &content.request.system {
        span.set_attribute(SYSTEM, json!([{"type": "text", "content": system}]).to_string());
    }
    let said: Vec<_> = content.request.messages.iter().map(message).collect();
    span.set_attribute(INPUT, json!(said).to_string());
    if let Some(reply) = &content.reply {
        let parts: Vec<_> = reply.parts.iter().map(part).collect();
        let answer = json!([{"role": "assistant", "parts": parts, "finish_reason": reply.finish.name()}]);
        span.set_attribute(OUTPUT, answer.to_string());
    }
}

fn message(message: &Message) -> serde_json::Value {
    let role = match message.speaker {
        Speaker::User => "user",
        Speaker::Assistant => "assistant",
    };
    json!({"role": role, "parts": message.parts.iter().map(part).collect::<Vec<_>>()})
}

fn part(part: &Part) -> serde_json::Value {
    match part {
        Part::Text(text) => json!({"type": "text", "content": text}),
        Part::Thought { text, .. } => json!({"type": "reasoning", "content": text}),
        Part::ToolCall { id, name, arguments, .. } => {
            json!({"type": "tool_call", "id": id, "name": name, "arguments": arguments})
        }
        Part::ToolResult { id, content, .. } => {
            json!({"type": "tool_call_response", "id": id, "response": content})
        }
    }
}
