use crate::status::failure_of;
use agents::dispatch::{FailureKind, Finish, ModelFailure, Part, Reply, ServiceTier, Usage};
use serde::Deserialize;
use serde_json::Value;
use std::time::Duration;

/// An answer, whole or a piece of one.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Answer {
    pub(super) candidates: Vec<Candidate>,
    prompt_feedback: Option<Feedback>,
    usage_metadata: Option<UsageMetadata>,
    pub(super) model_version: Option<String>,
    pub(super) response_id: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Candidate {
    pub(super) content: Content,
    pub(super) finish_reason: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Content {
    pub(super) parts: Vec<WirePart>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct WirePart {
    text: Option<String>,
    thought: bool,
    thought_signature: Option<String>,
    function_call: Option<FunctionCall>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct FunctionCall {
    id: Option<String>,
    name: String,
    args: Value,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Feedback {
    block_reason: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct UsageMetadata {
    prompt_token_count: u64,
    cached_content_token_count: u64,
    candidates_token_count: u64,
    thoughts_token_count: u64,
    tool_use_prompt_token_count: u64,
    traffic_type: Option<String>,
}

impl From<&UsageMetadata> for Usage {
    fn from(said: &UsageMetadata) -> Self {
        Self {
            fresh: said.prompt_token_count.saturating_sub(said.cached_content_token_count)
                + said.tool_use_prompt_token_count,
            cache_read: said.cached_content_token_count,
            output: said.candidates_token_count + said.thoughts_token_count,
            reasoning: said.thoughts_token_count,
            ..Self::NONE
        }
    }
}

impl Answer {
    pub(super) fn usage(&self) -> Option<Usage> {
        // The pieces of a stream on Vertex AI tell how they were sent, and only the last one what all took.
        self.usage_metadata.as_ref().map(Usage::from).filter(|usage| *usage != Usage::NONE)
    }

    /// What has no price of its own counts as standard.
    pub(super) fn tier(&self) -> Option<ServiceTier> {
        match self.usage_metadata.as_ref()?.traffic_type.as_deref()? {
            "ON_DEMAND_PRIORITY" => Some(ServiceTier::Priority),
            "ON_DEMAND_FLEX" => Some(ServiceTier::Flex),
            _ => Some(ServiceTier::Standard),
        }
    }

    /// A prompt that was blocked: an answer with status 200 and no candidate.
    pub(super) fn blocked_prompt(&self) -> Option<ModelFailure> {
        let reason = self.prompt_feedback.as_ref()?.block_reason.as_deref()?;
        let failure = ModelFailure::new(FailureKind::Blocked, format!("the prompt was blocked: {reason}"));
        Some(failure.charged(self.usage()))
    }
}

/// How a candidate ended. A reason that nobody knows is an end like any other.
pub(super) fn finish(reason: &str, calls: bool) -> Result<Finish, FailureKind> {
    match reason {
        "MAX_TOKENS" => Ok(Finish::Length),
        "SAFETY"
        | "RECITATION"
        | "LANGUAGE"
        | "BLOCKLIST"
        | "PROHIBITED_CONTENT"
        | "SPII"
        | "IMAGE_SAFETY"
        | "IMAGE_PROHIBITED_CONTENT"
        | "IMAGE_RECITATION"
        | "MODEL_ARMOR" => Err(FailureKind::Blocked),
        "MALFORMED_FUNCTION_CALL" | "MALFORMED_RESPONSE" | "UNEXPECTED_TOOL_CALL" | "TOO_MANY_TOOL_CALLS" => {
            Err(FailureKind::Unavailable)
        }
        _ if calls => Ok(Finish::ToolCalls),
        _ => Ok(Finish::Stop),
    }
}

/// A part in our words; `None` for one that we have no word for. A call may have no id.
pub(super) fn part(wire: WirePart) -> Option<Part> {
    let WirePart { text, thought, thought_signature: signature, function_call } = wire;
    if let Some(FunctionCall { id, name, args }) = function_call {
        let id = id.unwrap_or_default();
        let arguments = if args.is_null() { Value::Object(serde_json::Map::new()) } else { args };
        return Some(Part::ToolCall { id, name, arguments, signature });
    }
    match text {
        Some(text) if thought => Some(Part::Thought { text, signature }),
        Some(text) if !text.is_empty() => Some(Part::Text(text)),
        _ => None,
    }
}

/// Reads a whole answer.
///
/// # Errors
/// What is blocked, empty or broken, with what it is charged for.
pub fn reply(body: &[u8]) -> Result<Reply, ModelFailure> {
    let answer: Answer = serde_json::from_slice(body)
        .map_err(|e| ModelFailure::new(FailureKind::Unavailable, format!("the answer can't be read: {e}")))?;
    if let Some(blocked) = answer.blocked_prompt() {
        return Err(blocked);
    }
    let (usage, tier) = (answer.usage(), answer.tier().unwrap_or_default());
    let failed = |kind, why: String| ModelFailure::new(kind, why).charged(usage);
    let Some(candidate) = answer.candidates.into_iter().next() else {
        return Err(failed(FailureKind::Unavailable, "the answer has no candidate".to_owned()));
    };
    let reason = candidate.finish_reason.unwrap_or_default();
    let parts = named(candidate.content.parts.into_iter().filter_map(part));
    let calls = parts.iter().any(|part| matches!(part, Part::ToolCall { .. }));
    let finish =
        finish(&reason, calls).map_err(|kind| failed(kind, format!("the answer ended by {reason}")))?;
    Ok(Reply { parts, finish, usage, served_by: answer.model_version, id: answer.response_id, tier })
}

/// Text that came in several parts is one, and a call without an id gets one of ours.
fn named(parts: impl Iterator<Item = Part>) -> Vec<Part> {
    let (mut all, mut calls): (Vec<Part>, usize) = (Vec::new(), 0);
    for mut part in parts {
        if let Part::ToolCall { id, .. } = &mut part {
            if id.is_empty() {
                *id = format!("call_{calls}");
            }
            calls += 1;
        }
        match (all.last_mut(), part) {
            (Some(Part::Text(before)), Part::Text(text)) => before.push_str(&text),
            (_, part) => all.push(part),
        }
    }
    all
}

#[derive(Deserialize)]
struct Envelope {
    error: WireError,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireError {
    code: u16,
    message: String,
    status: String,
    details: Vec<Detail>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Detail {
    retry_delay: Option<String>,
    field_violations: Vec<Value>,
}

/// Why a call came to nothing, by the status of the answer and its body. An error in the midst of a stream has a status of its
/// own in its body, which counts.
#[must_use]
pub fn failure(status: u16, body: &[u8]) -> ModelFailure {
    let error = envelope(body).unwrap_or_default();
    let code = if error.code >= 400 { error.code } else { status };
    let names_a_field = error.details.iter().any(|detail| !detail.field_violations.is_empty());
    let kind = match code {
        400 if names_a_field => FailureKind::UnsupportedParameter,
        code => failure_of(code),
    };
    let asked = error.details.iter().filter_map(|detail| delay(detail.retry_delay.as_deref()?)).max();
    ModelFailure::new(kind, format!("{code} {}: {}", error.status, error.message)).after(asked)
}

/// The error of a body, which a stream without `alt=sse` wraps in an array.
fn envelope(body: &[u8]) -> Option<WireError> {
    let plain = || serde_json::from_slice::<Envelope>(body).ok();
    let wrapped = || serde_json::from_slice::<Vec<Envelope>>(body).ok()?.into_iter().next();
    // In this order: a sequence is read as the fields of a struct, too.
    wrapped().or_else(plain).map(|envelope| envelope.error)
}

/// `52s`, `0.5s`.
fn delay(text: &str) -> Option<Duration> {
    Duration::try_from_secs_f64(text.strip_suffix('s')?.parse().ok()?).ok()
}

#[cfg(test)]
mod tests;
