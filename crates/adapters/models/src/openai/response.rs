use crate::status::failure_of;
use agents::dispatch::{FailureKind, Finish, ModelFailure, Part, Reply, ServiceTier, Usage};
use serde::Deserialize;
use serde_json::{Map, Value};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Completion {
    id: Option<String>,
    model: Option<String>,
    choices: Vec<Choice>,
    usage: Option<WireUsage>,
    service_tier: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Choice {
    message: WireMessage,
    finish_reason: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireMessage {
    content: Option<String>,
    refusal: Option<String>,
    tool_calls: Option<Vec<WireCall>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireCall {
    id: Option<String>,
    function: Function,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Function {
    name: String,
    arguments: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct WireUsage {
    prompt_tokens: u64,
    completion_tokens: u64,
    prompt_tokens_details: Option<PromptDetails>,
    completion_tokens_details: Option<CompletionDetails>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct PromptDetails {
    cached_tokens: Option<u64>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct CompletionDetails {
    reasoning_tokens: Option<u64>,
}

impl From<&WireUsage> for Usage {
    fn from(said: &WireUsage) -> Self {
        let cached =
            said.prompt_tokens_details.as_ref().and_then(|details| details.cached_tokens).unwrap_or(0);
        let reasoning = said.completion_tokens_details.as_ref().and_then(|details| details.reasoning_tokens);
        Self {
            fresh: said.prompt_tokens.saturating_sub(cached),
            cache_read: cached,
            output: said.completion_tokens,
            reasoning: reasoning.unwrap_or(0),
            ..Self::NONE
        }
    }
}

/// Under which price it was served; one that has no price of its own counts as standard.
pub(super) fn tier(name: Option<&str>) -> ServiceTier {
    name.and_then(ServiceTier::from_name).unwrap_or_default()
}

/// How an answer ended. A reason that nobody knows is an end like any other.
pub(super) fn finish(reason: &str, calls: bool) -> Result<Finish, FailureKind> {
    match reason {
        "length" | "model_length" => Ok(Finish::Length),
        "content_filter" => Err(FailureKind::Blocked),
        "error" => Err(FailureKind::Unavailable),
        _ if calls => Ok(Finish::ToolCalls),
        _ => Ok(Finish::Stop),
    }
}

fn call((number, wire): (usize, WireCall)) -> Result<Part, serde_json::Error> {
    let WireCall { id, function: Function { name, arguments } } = wire;
    let id = id.filter(|id| !id.is_empty()).unwrap_or_else(|| format!("call_{number}"));
    let arguments = match arguments.trim() {
        "" => Value::Object(Map::new()),
        json => serde_json::from_str(json)?,
    };
    Ok(Part::ToolCall { id, name, arguments, signature: None })
}

/// Reads a whole answer.
///
/// # Errors
/// What is refused or broken, with what it is charged for.
pub fn reply(body: &[u8]) -> Result<Reply, ModelFailure> {
    let unreadable =
        |e| ModelFailure::new(FailureKind::Unavailable, format!("the answer can't be read: {e}"));
    let completion: Completion = serde_json::from_slice(body).map_err(unreadable)?;
    let usage = completion.usage.as_ref().map(Usage::from);
    let failed = |kind, why: String| ModelFailure::new(kind, why).charged(usage);
    let Some(Choice { message, finish_reason }) = completion.choices.into_iter().next() else {
        return Err(failed(FailureKind::Unavailable, "the answer has no choice".to_owned()));
    };
    if message.refusal.is_some_and(|refusal| !refusal.is_empty()) {
        return Err(failed(FailureKind::Blocked, "the model refused".to_owned()));
    }
    let calls = message.tool_calls.unwrap_or_default().into_iter().enumerate().map(call);
    let calls: Vec<Part> = calls.collect::<Result<_, _>>().map_err(|e| unreadable(e).charged(usage))?;
    let reason = finish_reason.unwrap_or_default();
    let finish = finish(&reason, !calls.is_empty())
        .map_err(|kind| failed(kind, format!("the answer ended by {reason}")))?;
    let text = message.content.filter(|text| !text.is_empty()).map(Part::Text);
    Ok(Reply {
        parts: text.into_iter().chain(calls).collect(),
        finish,
        usage,
        served_by: completion.model,
        id: completion.id,
        tier: tier(completion.service_tier.as_deref()),
    })
}

/// `OpenAI`'s errors stand in an envelope, Mistral's may stand bare.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Envelope {
    error: Option<WireError>,
    #[serde(flatten)]
    bare: WireError,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireError {
    message: Value,
    #[serde(rename = "type")]
    kind: Option<String>,
    code: Value,
}

/// Why a call came to nothing, by machine codes and else by the status. In the midst of a stream, where the status was 200, an
/// error that nobody knows is an outage.
#[must_use]
pub fn failure(status: u16, body: &[u8]) -> ModelFailure {
    let envelope: Envelope = serde_json::from_slice(body).unwrap_or_default();
    let error = envelope.error.unwrap_or(envelope.bare);
    let code = error.code.as_str().unwrap_or_default();
    let said = error.code.as_u64().and_then(|code| u16::try_from(code).ok());
    let status = said.filter(|code| status < 400 && *code >= 400).unwrap_or(status);
    let kind = match code {
        "insufficient_quota" | "billing_hard_limit_reached" => FailureKind::Billing,
        "unsupported_parameter" | "unsupported_value" => FailureKind::UnsupportedParameter,
        "content_filter" | "content_policy_violation" => FailureKind::Blocked,
        "model_not_found" => FailureKind::UnknownModel,
        "rate_limit_exceeded" => FailureKind::RateLimited,
        "invalid_api_key" => FailureKind::Unauthorised,
        _ => failure_of(status),
    };
    let message = error.message.as_str().map_or_else(|| error.message.to_string(), ToOwned::to_owned);
    ModelFailure::new(kind, format!("{status} {} {code}: {message}", error.kind.unwrap_or_default()))
}

#[cfg(test)]
mod tests;
