use super::*;
use proptest::prelude::*;
use serde_json::json;

fn read(message: &Value) -> Result<Reply, ModelFailure> {
    reply(message.to_string().as_bytes())
}

fn message(reason: &str, content: Value) -> Value {
    json!({"id": "msg_1", "type": "message", "role": "assistant", "model": "claude-sonnet-5-5", "content": content,
        "stop_reason": reason, "something_new": 1,
        "usage": {"input_tokens": 600, "cache_read_input_tokens": 400, "output_tokens": 150,
            "output_tokens_details": {"thinking_tokens": 50}, "service_tier": "priority"}})
}

#[test]
fn an_answer_is_read_with_what_it_took() {
    let content = json!([{"type": "thinking", "thinking": "Hm.", "signature": "s"}, {"type": "text", "text": "Hello"},
        {"type": "a_new_block"}, {"type": "tool_use", "id": "t1", "name": "look", "input": {"at": 1}}]);
    let reply = read(&message("tool_use", content)).unwrap();
    assert_eq!((reply.text().as_str(), reply.finish, reply.parts.len()), ("Hello", Finish::ToolCalls, 3));
    let usage = Usage { fresh: 600, cache_read: 400, output: 150, reasoning: 50, ..Usage::NONE };
    assert_eq!((reply.usage, reply.tier), (Some(usage), ServiceTier::Priority));
    assert_eq!((reply.served_by.as_deref(), reply.id.as_deref()), (Some("claude-sonnet-5-5"), Some("msg_1")));
}

#[test]
fn what_is_written_to_the_cache_is_told_by_how_long_it_stays() {
    let usage = |said: Value| Usage::from(&serde_json::from_value::<WireUsage>(said).unwrap());
    let plain = usage(json!({"input_tokens": 1, "cache_creation_input_tokens": 300}));
    assert_eq!((plain.cache_write_5m, plain.cache_write_1h), (300, 0));
    let split = json!({"ephemeral_5m_input_tokens": 200, "ephemeral_1h_input_tokens": 100});
    let split = usage(json!({"cache_creation_input_tokens": 300, "cache_creation": split}));
    assert_eq!((split.cache_write_5m, split.cache_write_1h), (200, 100));
}

#[test]
fn every_end_has_its_meaning() {
    let end = |reason: &str| read(&message(reason, json!([{"type": "text", "text": "x"}])));
    for (reason, finish) in [
        ("end_turn", Finish::Stop),
        ("stop_sequence", Finish::Stop),
        ("pause_turn", Finish::Stop),
        ("a_new_reason", Finish::Stop),
        ("max_tokens", Finish::Length),
        ("model_context_window_exceeded", Finish::Length),
    ] {
        assert_eq!(end(reason).unwrap().finish, finish, "{reason}");
    }
    let refused = end("refusal").unwrap_err();
    assert_eq!((refused.kind, refused.usage.map(|usage| usage.output)), (FailureKind::Blocked, Some(150)));
    assert_eq!(reply(b"{}").unwrap_err().kind, FailureKind::Unavailable, "without an end it is not whole");
}

#[test]
fn errors_are_told_by_their_types_and_else_by_the_status() {
    let failed = |status, kind: &str| {
        failure(
            status,
            json!({"type": "error", "error": {"type": kind, "message": "m"}}).to_string().as_bytes(),
        )
        .kind
    };
    for (status, kind, means) in [
        (400, "invalid_request_error", FailureKind::Invalid),
        (401, "authentication_error", FailureKind::Unauthorised),
        (402, "billing_error", FailureKind::Billing),
        (403, "permission_error", FailureKind::Unauthorised),
        (404, "not_found_error", FailureKind::UnknownModel),
        (429, "rate_limit_error", FailureKind::RateLimited),
        (529, "overloaded_error", FailureKind::Unavailable),
        (200, "overloaded_error", FailureKind::Unavailable),
        (200, "a_new_error", FailureKind::Unavailable),
        (429, "a_new_error", FailureKind::RateLimited),
        (413, "a_new_error", FailureKind::Invalid),
    ] {
        assert_eq!(failed(status, kind), means, "{status} {kind}");
    }
    let coded = json!({"error": {"type": "invalid_request_error", "details": {"error_code": "unsupported_parameter"}}});
    assert_eq!(failure(400, coded.to_string().as_bytes()).kind, FailureKind::UnsupportedParameter);
    assert_eq!(failure(502, b"<html>").kind, FailureKind::Unavailable);
}

proptest! {
    #[test]
    fn no_body_breaks_the_parsers(body in prop::collection::vec(any::<u8>(), 0..200), status in 100_u16..600) {
        let _ = reply(&body);
        let _ = failure(status, &body);
    }
}
