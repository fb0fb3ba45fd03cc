//! What Anthropic refuses.

use crate::{routes::Incoming, turn::Refusal};
use serde_json::Value;

/// Since it sampling parameters are refused.
const NEWEST: &str = "2026-10-21";
pub(super) const VERSIONS: [&str; 2] = ["2023-06-01", NEWEST];
pub(super) const VERSIONS_ON_VERTEX: [&str; 2] = ["vertex-2023-10-16", NEWEST];

fn invalid(message: &str) -> Refusal {
    Refusal::new(400, message)
}

/// The key is in either of two headers.
pub(super) fn key(incoming: &Incoming<'_>) -> Result<(), Refusal> {
    let key = incoming.request.bearer().or_else(|| incoming.request.header("x-api-key"));
    match key.filter(|key| !key.is_empty()) {
        Some(_) => Ok(()),
        None => Err(Refusal::new(401, "x-api-key header is required")),
    }
}

/// The version in a header, or in a field of the body on Vertex.
pub(super) fn version<'a>(version: Option<&'a str>, known: &[&str], name: &str) -> Result<&'a str, Refusal> {
    match version {
        None => Err(invalid(&format!("{name}: Field required"))),
        Some(version) if known.contains(&version) => Ok(version),
        Some(version) => Err(invalid(&format!("{name}: {version:?} is not a valid version"))),
    }
}

/// Of everything that has messages.
pub(super) fn messages(version: &str, body: &Value) -> Result<(), Refusal> {
    let messages = body["messages"].as_array().ok_or_else(|| invalid("messages: Field required"))?;
    if messages.is_empty() {
        return Err(invalid("messages: at least one message is required"));
    }
    for message in messages {
        let role = message["role"].as_str().unwrap_or_default();
        if !matches!(role, "user" | "assistant" | "system") {
            return Err(invalid("messages.0.role: Input should be 'user', 'assistant' or 'system'"));
        }
        for block in message["content"].as_array().into_iter().flatten().filter(|_| version == NEWEST) {
            if role == "assistant" && block["type"] == "document" {
                return Err(invalid("messages: document blocks are not allowed in assistant messages"));
            }
            let cites = block["citations"].as_array().is_some_and(|citations| !citations.is_empty());
            if role == "user" && block["type"] == "text" && cites {
                return Err(invalid("messages: citations are not allowed in user text blocks"));
            }
        }
    }
    Ok(())
}

/// Of a request for an answer.
pub(super) fn generates(version: &str, model: &str, body: &Value) -> Result<(), Refusal> {
    messages(version, body)?;
    if body["max_tokens"].as_u64().is_none_or(|most| most == 0) {
        return Err(invalid("max_tokens: Field required"));
    }
    let sampling = ["temperature", "top_p", "top_k"].into_iter().find(|name| !body[*name].is_null());
    if let Some(name) = sampling.filter(|_| version == NEWEST) {
        return Err(invalid(&format!("{name}: Extra inputs are not permitted")));
    }
    let forces = matches!(body["tool_choice"]["type"].as_str(), Some("any" | "tool"));
    let cannot_be_forced =
        ["claude-sonnet-5-5", "claude-opus-5-5"].iter().any(|refuses| model.starts_with(refuses));
    if forces && cannot_be_forced {
        return Err(invalid("tool_choice: forced tool use is not supported by this model"));
    }
    Ok(())
}
