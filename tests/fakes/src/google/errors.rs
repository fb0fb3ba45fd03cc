//! Errors in Google's envelope.

use crate::{Hint, reply::Whole, turn::Refusal};
use serde_json::{Value, json};

/// The statuses that an error can have, with those of HTTP; the first of a number is its usual one.
const STATUSES: [(u16, &str); 13] = [
    (400, "INVALID_ARGUMENT"),
    (400, "FAILED_PRECONDITION"),
    (400, "OUT_OF_RANGE"),
    (401, "UNAUTHENTICATED"),
    (403, "PERMISSION_DENIED"),
    (404, "NOT_FOUND"),
    (409, "ABORTED"),
    (429, "RESOURCE_EXHAUSTED"),
    (499, "CANCELLED"),
    (500, "INTERNAL"),
    (500, "UNKNOWN"),
    (503, "UNAVAILABLE"),
    (504, "DEADLINE_EXCEEDED"),
];

pub(crate) fn refusal(refusal: &Refusal, in_array: bool) -> Whole {
    let envelope = envelope(refusal);
    let body = if in_array { json!([envelope]) } else { envelope };
    Whole::json(refusal.status, &body).with_header(refusal.hint.header())
}

fn envelope(refusal: &Refusal) -> Value {
    let code = refusal.code.as_deref();
    let named = code.filter(|code| STATUSES.iter().any(|(_, status)| status == code));
    let usual = STATUSES.iter().find(|(number, _)| *number == refusal.status).map(|(_, status)| *status);
    let status = named.or(usual).unwrap_or("UNKNOWN");
    let mut details = Vec::new();
    if let (Some(reason), None) = (code, named) {
        details.push(json!({
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": reason,
            "domain": "googleapis.com",
        }));
    }
    if let Hint::Body(delay) = refusal.hint {
        details.push(json!({
            "@type": "type.googleapis.com/google.rpc.RetryInfo",
            "retryDelay": format!("{}s", delay.as_secs_f64()),
        }));
    }
    let message = refusal.message.as_deref().unwrap_or(match refusal.status {
        429 => "Resource exhausted, please try again later.",
        503 => "The service is currently unavailable.",
        _ => "The test wanted it so.",
    });
    let mut error = json!({"code": refusal.status, "message": message, "status": status});
    if !details.is_empty() {
        error["details"] = Value::Array(details);
    }
    json!({"error": error})
}
