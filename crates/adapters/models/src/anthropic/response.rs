use crate::status::failure_of;
use agents::dispatch::{FailureKind, Finish, ModelFailure, Part, Reply, ServiceTier, Usage};
use serde::Deserialize;
use serde_json::Value;

/// A whole message.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct WireMessage {
    pub(super) id: Option<String>,
    pub(super) model: Option<String>,
    content: Vec<Block>,
    stop_reason: Option<String>,
    pub(super) usage: Option<WireUsage>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Block {
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) text: String,
    pub(super) thinking: String,
    pub(super) signature: Option<String>,
    pub(super) id: Option<String>,
    pub(super) name: String,
    pub(super) input: Value,
}

/// What was taken until now. Each is a snapshot: in a stream a later one takes the place of an earlier one, field by field.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct WireUsage {
    input_tokens: Option<u64>,
    cache_creation_input_tokens: Option<u64>,
    cache_creation: Option<CacheCreation>,
    cache_read_input_tokens: Option<u64>,
    output_tokens: Option<u64>,
    output_tokens_details: Option<OutputDetails>,
    service_tier: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct CacheCreation {
    ephemeral_5m_input_tokens: u64,
    ephemeral_1h_input_tokens: u64,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct OutputDetails {
    thinking_tokens: u64,
}

impl WireUsage {
    /// The later snapshot over this one.
    pub(super) fn replaced_by(self, later: Self) -> Self {
        Self {
            input_tokens: later.input_tokens.or(self.input_tokens),
            cache_creation_input_tokens: later
                .cache_creation_input_tokens
                .or(self.cache_creation_input_tokens),
            cache_creation: later.cache_creation.or(self.cache_creation),
            cache_read_input_tokens: later.cache_read_input_tokens.or(self.cache_read_input_tokens),
            output_tokens: later.output_tokens.or(self.output_tokens),
            output_tokens_details: later.output_tokens_details.or(self.output_tokens_details),
            service_tier: later.service_tier.or(self.service_tier),
        }
    }

    pub(super) fn tier(&self) -> ServiceTier {
        let named = self.service_tier.as_deref().and_then(ServiceTier::from_name);
        named.unwrap_or_default()
    }
}

impl From<&WireUsage> for Usage {
    fn from(said: &WireUsage) -> Self {
        // Without its split, what was written stays for five minutes.
        let (short, long) = match &said.cache_creation {
            Some(split) => (split.ephemeral_5m_input_tokens, split.ephemeral_1h_input_tokens),
            None => (said.cache_creation_input_tokens.unwrap_or_default(), 0),
        };
        Self {
            fresh: said.input_tokens.unwrap_or_default(),
            cache_read: said.cache_read_input_tokens.unwrap_or_default(),
            cache_write_5m: short,
            cache_write_1h: long,
            output: said.output_tokens.unwrap_or_default(),
            reasoning: said.output_tokens_details.as_ref().map_or(0, |details| details.thinking_tokens),
        }
    }
}

/// How a message ended. A reason that nobody knows is an end like any other.
pub(super) fn finish(reason: &str) -> Result<Finish, FailureKind> {
    match reason {
        "max_tokens" | "model_context_window_exceeded" => Ok(Finish::Length),
        "tool_use" => Ok(Finish::ToolCalls),
        "refusal" => Err(FailureKind::Blocked),
        _ => Ok(Finish::Stop),
    }
}

fn part(block: Block) -> Option<Part> {
    let Block { kind, text, thinking, signature, id, name, input } = block;
    match kind.as_str() {
        "text" if !text.is_empty() => Some(Part::Text(text)),
        "thinking" => Some(Part::Thought { text: thinking, signature }),
        "tool_use" => {
            Some(Part::ToolCall { id: id.unwrap_or_default(), name, arguments: input, signature: None })
        }
        _ => None,
    }
}

/// Reads a whole answer.
///
/// # Errors
/// What is refused or broken, with what it is charged for.
pub fn reply(body: &[u8]) -> Result<Reply, ModelFailure> {
    let message: WireMessage = serde_json::from_slice(body)
        .map_err(|e| ModelFailure::new(FailureKind::Unavailable, format!("the answer can't be read: {e}")))?;
    let usage = message.usage.as_ref().map(Usage::from);
    let Some(reason) = message.stop_reason else {
        return Err(ModelFailure::new(FailureKind::Unavailable, "the answer has no end").charged(usage));
    };
    let finish = finish(&reason)
        .map_err(|kind| ModelFailure::new(kind, format!("the answer ended by {reason}")).charged(usage))?;
    Ok(Reply {
        parts: message.content.into_iter().filter_map(part).collect(),
        finish,
        usage,
        served_by: message.model,
        id: message.id,
        tier: message.usage.as_ref().map(WireUsage::tier).unwrap_or_default(),
    })
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Envelope {
    error: WireError,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireError {
    #[serde(rename = "type")]
    kind: String,
    message: String,
    details: Value,
}

/// Why a call came to nothing: by the type of the error, which counts in the midst of a stream too, where the status was 200;
/// by the status where there is none.
#[must_use]
pub fn failure(status: u16, body: &[u8]) -> ModelFailure {
    let Envelope { error } = serde_json::from_slice(body).unwrap_or_default();
    let code = error.details.get("error_code").and_then(Value::as_str).unwrap_or_default();
    let kind = match error.kind.as_str() {
        "rate_limit_error" => FailureKind::RateLimited,
        "overloaded_error" | "api_error" | "timeout_error" => FailureKind::Unavailable,
        "authentication_error" | "permission_error" => FailureKind::Unauthorised,
        "billing_error" => FailureKind::Billing,
        "not_found_error" => FailureKind::UnknownModel,
        "invalid_request_error" if code.starts_with("unsupported") => FailureKind::UnsupportedParameter,
        "invalid_request_error" | "conflict_error" => FailureKind::Invalid,
        _ => failure_of(status),
    };
    ModelFailure::new(kind, format!("{status} {} {code}: {}", error.kind, error.message))
}

#[cfg(test)]
mod tests;
