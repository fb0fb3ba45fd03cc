use super::*;
use proptest::prelude::*;
use serde_json::json;

fn read(completion: &Value) -> Result<Reply, ModelFailure> {
    reply(completion.to_string().as_bytes())
}

fn completion(reason: &str, message: Value) -> Value {
    json!({"id": "chatcmpl-1", "object": "chat.completion", "model": "gpt-6-luna-2026-09-01", "service_tier": "flex",
        "choices": [{"index": 0, "message": message, "finish_reason": reason}], "something_new": true,
        "usage": {"prompt_tokens": 1000, "completion_tokens": 150, "total_tokens": 1150,
            "prompt_tokens_details": {"cached_tokens": 400, "cache_write_tokens": 3},
            "completion_tokens_details": {"reasoning_tokens": 50}}})
}

#[test]
fn an_answer_is_read_with_what_it_took() {
    let call = json!({"type": "function", "function": {"name": "look", "arguments": "{\"at\":1}"}});
    let reply =
        read(&completion("tool_calls", json!({"content": "Hello", "refusal": null, "tool_calls": [call]})))
            .unwrap();
    let called = Part::ToolCall {
        id: "call_0".to_owned(),
        name: "look".to_owned(),
        arguments: json!({"at": 1}),
        signature: None,
    };
    assert_eq!(reply.parts, [Part::Text("Hello".to_owned()), called]);
    let usage = Usage { fresh: 600, cache_read: 400, output: 150, reasoning: 50, ..Usage::NONE };
    assert_eq!((reply.usage, reply.finish, reply.tier), (Some(usage), Finish::ToolCalls, ServiceTier::Flex));
    assert_eq!(
        (reply.served_by.as_deref(), reply.id.as_deref()),
        (Some("gpt-6-luna-2026-09-01"), Some("chatcmpl-1"))
    );
}

#[test]
fn every_end_has_its_meaning() {
    let end = |reason: &str| read(&completion(reason, json!({"content": "x"})));
    assert_eq!(end("stop").unwrap().finish, Finish::Stop);
    assert_eq!(end("a_new_reason").unwrap().finish, Finish::Stop);
    assert_eq!(
        (end("length").unwrap().finish, end("model_length").unwrap().finish),
        (Finish::Length, Finish::Length)
    );
    assert_eq!(end("content_filter").unwrap_err().kind, FailureKind::Blocked);
    assert_eq!(end("error").unwrap_err().kind, FailureKind::Unavailable, "Mistral's");
    let refused = read(&completion("stop", json!({"content": null, "refusal": "No."}))).unwrap_err();
    assert_eq!((refused.kind, refused.usage.map(|usage| usage.output)), (FailureKind::Blocked, Some(150)));
    let broken = json!({"tool_calls": [{"function": {"name": "look", "arguments": "{"}}]});
    assert_eq!(read(&completion("tool_calls", broken)).unwrap_err().kind, FailureKind::Unavailable);
    assert_eq!(read(&json!({"choices": []})).unwrap_err().kind, FailureKind::Unavailable);
}

#[test]
fn errors_are_told_by_their_codes_and_else_by_the_status() {
    let failed = |status, error: Value| failure(status, json!({"error": error}).to_string().as_bytes()).kind;
    let coded = |code: &str| json!({"message": "m", "type": "t", "code": code, "param": null});
    for (status, error, means) in [
        (429, coded("rate_limit_exceeded"), FailureKind::RateLimited),
        (429, coded("insufficient_quota"), FailureKind::Billing),
        (400, coded("unsupported_parameter"), FailureKind::UnsupportedParameter),
        (400, coded("content_policy_violation"), FailureKind::Blocked),
        (400, coded("anything"), FailureKind::Invalid),
        (401, coded("invalid_api_key"), FailureKind::Unauthorised),
        (404, coded("model_not_found"), FailureKind::UnknownModel),
        (503, coded("anything"), FailureKind::Unavailable),
        (200, coded("anything"), FailureKind::Unavailable),
        (200, json!({"message": "m", "code": 429}), FailureKind::RateLimited),
    ] {
        assert_eq!(failed(status, error.clone()), means, "{status} {error}");
    }
    let bare = json!({"object": "error", "message": {"detail": []}, "type": "invalid_request_error", "code": "3051"});
    assert_eq!(failure(422, bare.to_string().as_bytes()).kind, FailureKind::Invalid, "Mistral's stand bare");
    assert_eq!(failure(502, b"<html>").kind, FailureKind::Unavailable);
}

proptest! {
    #[test]
    fn no_body_breaks_the_parsers(body in prop::collection::vec(any::<u8>(), 0..200), status in 100_u16..600) {
        let _ = reply(&body);
        let _ = failure(status, &body);
    }
}
