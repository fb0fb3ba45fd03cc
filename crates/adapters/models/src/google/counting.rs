use super::request::body;
use crate::status::unreadable;
use agents::dispatch::{Model, ModelFailure, ModelRequest};
use serde::Deserialize;
use serde_json::Value;

/// The body of `countTokens`: what is sent, without how it is to be answered.
#[must_use]
pub fn count_body(model: &Model, request: &ModelRequest) -> Value {
    let mut body = body(model, request);
    if let Some(members) = body.as_object_mut() {
        members.remove("generationConfig");
        members.remove("toolConfig");
    }
    body
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Counted {
    #[serde(default)]
    total_tokens: u64,
}

/// Reads the answer of `countTokens`.
///
/// # Errors
/// What can't be read.
pub fn counted(body: &[u8]) -> Result<u64, ModelFailure> {
    serde_json::from_slice(body).map(|Counted { total_tokens }| total_tokens).map_err(|e| unreadable(&e))
}
