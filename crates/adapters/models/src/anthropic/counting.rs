use super::request::{Route, body};
use crate::status::unreadable;
use agents::dispatch::{Model, ModelFailure, ModelRequest};
use serde::Deserialize;
use serde_json::Value;

/// The body of a count: what is sent, without how it is to be answered. Its model stands in it by either
/// way, and the version by Vertex AI's, as in a message.
#[must_use]
pub fn count_body(name: &str, model: &Model, request: &ModelRequest, route: Route) -> Value {
    let Value::Object(mut members) = body(model, request, route, false) else { return Value::Null };
    let counts = ["messages", "system", "tools", "tool_choice", "anthropic_version"];
    members.retain(|member, _| counts.contains(&member.as_str()));
    members.insert("model".to_owned(), name.into());
    Value::Object(members)
}

#[derive(Deserialize)]
struct Counted {
    #[serde(default)]
    input_tokens: u64,
}

/// Reads the answer to a count.
///
/// # Errors
/// What can't be read.
pub fn counted(body: &[u8]) -> Result<u64, ModelFailure> {
    serde_json::from_slice(body).map(|Counted { input_tokens }| input_tokens).map_err(|e| unreadable(&e))
}
