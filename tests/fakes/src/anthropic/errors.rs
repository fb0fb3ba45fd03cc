//! Errors in Anthropic's envelope.

use crate::{reply::Whole, turn::Refusal};
use serde_json::json;

/// The types that an error can have, with their statuses.
const TYPES: [(u16, &str); 11] = [
    (400, "invalid_request_error"),
    (401, "authentication_error"),
    (402, "billing_error"),
    (403, "permission_error"),
    (404, "not_found_error"),
    (409, "conflict_error"),
    (413, "request_too_large"),
    (429, "rate_limit_error"),
    (500, "api_error"),
    (504, "timeout_error"),
    (529, "overloaded_error"),
];

pub(super) fn refusal(refusal: &Refusal) -> Whole {
    let code = refusal.code.as_deref();
    let named = code.filter(|code| TYPES.iter().any(|(_, kind)| kind == code));
    let usual = TYPES.iter().find(|(status, _)| *status == refusal.status).map(|(_, kind)| *kind);
    let other = if refusal.status < 500 { "invalid_request_error" } else { "api_error" };
    let kind = named.or(usual).unwrap_or(other);
    let message = refusal.message.as_deref().unwrap_or(match kind {
        "overloaded_error" => "Overloaded",
        _ => "The test wanted it so.",
    });
    let mut error = json!({"type": kind, "message": message});
    if let (Some(code), None) = (code, named) {
        error["details"] = json!({"error_code": code});
    }
    let envelope = json!({"type": "error", "error": error, "request_id": "req_fake"});
    Whole::json(refusal.status, &envelope)
        .with_header(Some(("request-id", "req_fake".to_owned())))
        .with_header(refusal.hint.header())
}
