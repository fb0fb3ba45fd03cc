use super::request::{Route, body};
use crate::status::unreadable;
use agents::dispatch::{Model, ModelFailure, ModelRequest};
use serde::Deserialize;
use serde_json::Value;

/// The body of a count: what is sent, without how it is to be answered. Its model stands in it by either way.
#[must_use]
pub fn count_body(name: &str, model: &Model, request: &ModelRequest) -> Value {
    let Value::Object(mut members) = body(model, request, Route::Own, false) else { return Value::Null };
    members.retain(|member, _| matches!(member.as_str(), "messages" | "system" | "tools" | "tool_choice"));
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
