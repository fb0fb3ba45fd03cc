use super::*;
use proptest::prelude::*;
use serde_json::json;

fn read(answer: &Value) -> Result<Reply, ModelFailure> {
    reply(answer.to_string().as_bytes())
}

fn answer(reason: &str, parts: Value) -> Value {
    json!({
        "candidates": [{"content": {"role": "model", "parts": parts}, "finishReason": reason, "index": 0}],
        "usageMetadata": {"promptTokenCount": 1000, "cachedContentTokenCount": 400, "candidatesTokenCount": 100,
            "thoughtsTokenCount": 50, "totalTokenCount": 1150, "trafficType": "ON_DEMAND"},
        "modelVersion": "gemini-3.8-flash", "responseId": "r1", "somethingNew": {"a": [1]},
    })
}

#[test]
fn an_answer_is_read_with_what_it_took() {
    let reply = read(&answer("STOP", json!([{"text": "Hel"}, {"text": "lo"}, {"inlineData": {}}]))).unwrap();
    assert_eq!(reply.parts, [Part::Text("Hello".to_owned())]);
    let usage = Usage { fresh: 600, cache_read: 400, output: 150, reasoning: 50, ..Usage::NONE };
    assert_eq!((reply.finish, reply.usage, reply.tier), (Finish::Stop, Some(usage), ServiceTier::Standard));
    assert_eq!((reply.served_by.as_deref(), reply.id.as_deref()), (Some("gemini-3.8-flash"), Some("r1")));
    assert!(reply.is_cacheable());
}

#[test]
fn calls_of_tools_keep_their_seals() {
    let call = json!({"functionCall": {"name": "look", "args": {"at": 1}}, "thoughtSignature": "seal"});
    let bare = json!({"functionCall": {"id": "x", "name": "stop"}});
    let reply = read(&answer("STOP", json!([{"text": "Let me see."}, call, bare]))).unwrap();
    assert_eq!((reply.finish, reply.is_cacheable()), (Finish::ToolCalls, false));
    let Part::ToolCall { id, signature, arguments, .. } = &reply.parts[1] else { panic!("a call") };
    assert_eq!((id.as_str(), signature.as_deref(), arguments), ("call_0", Some("seal"), &json!({"at": 1})));
    let Part::ToolCall { id, arguments, .. } = &reply.parts[2] else { panic!("a call") };
    assert_eq!((id.as_str(), arguments), ("x", &json!({})));
}

#[test]
fn every_end_has_its_meaning() {
    let end = |reason: &str| read(&answer(reason, json!([{"text": "x"}])));
    assert_eq!(end("MAX_TOKENS").unwrap().finish, Finish::Length);
    assert_eq!(end("A_NEW_REASON").unwrap().finish, Finish::Stop);
    for (reason, kind) in [
        ("SAFETY", FailureKind::Blocked),
        ("RECITATION", FailureKind::Blocked),
        ("MODEL_ARMOR", FailureKind::Blocked),
        ("MALFORMED_FUNCTION_CALL", FailureKind::Unavailable),
    ] {
        let failed = end(reason).unwrap_err();
        assert_eq!(
            (failed.kind, failed.usage.map(|usage| usage.output)),
            (kind, Some(150)),
            "{reason} is charged"
        );
    }
}

#[test]
fn a_blocked_prompt_is_an_answer_without_candidates_and_is_charged() {
    let blocked = json!({"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}, "usageMetadata": {"promptTokenCount": 7}});
    let failed = read(&blocked).unwrap_err();
    assert_eq!((failed.kind, failed.usage), (FailureKind::Blocked, Some(Usage { fresh: 7, ..Usage::NONE })));
    assert_eq!(
        read(&json!({})).unwrap_err().kind,
        FailureKind::Unavailable,
        "nothing was blocked, nothing answered"
    );
    assert_eq!(reply(b"<html>").unwrap_err().kind, FailureKind::Unavailable);
}

#[test]
fn what_is_priced_otherwise_is_told() {
    for (traffic, tier) in [
        ("ON_DEMAND_FLEX", ServiceTier::Flex),
        ("ON_DEMAND_PRIORITY", ServiceTier::Priority),
        ("PROVISIONED_THROUGHPUT", ServiceTier::Standard),
        ("A_NEW_ONE", ServiceTier::Standard),
    ] {
        let mut answer = answer("STOP", json!([{"text": "x"}]));
        answer["usageMetadata"]["trafficType"] = traffic.into();
        assert_eq!(read(&answer).unwrap().tier, tier, "{traffic}");
    }
}

fn failed(status: u16, error: &Value) -> (FailureKind, Option<u64>) {
    let failure = failure(status, json!({"error": error}).to_string().as_bytes());
    (failure.kind, failure.retry_after.map(|wait| wait.as_secs()))
}

#[test]
fn errors_are_told_by_their_codes() {
    let plain = |code: u16| failed(code, &json!({"code": code, "message": "m", "status": "S"})).0;
    for (code, kind) in [
        (400, FailureKind::Invalid),
        (401, FailureKind::Unauthorised),
        (403, FailureKind::Unauthorised),
        (404, FailureKind::UnknownModel),
        (429, FailureKind::RateLimited),
        (500, FailureKind::Unavailable),
        (503, FailureKind::Unavailable),
        (504, FailureKind::Unavailable),
    ] {
        assert_eq!(plain(code), kind, "{code}");
    }
    let field = json!({"code": 400, "details": [{"@type": "type.googleapis.com/google.rpc.BadRequest",
        "fieldViolations": [{"field": "generation_config.thinking_budget"}]}]});
    assert_eq!(failed(400, &field).0, FailureKind::UnsupportedParameter);
    let hinted = json!({"code": 429, "details": [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "52s"}]});
    assert_eq!(failed(429, &hinted), (FailureKind::RateLimited, Some(52)));
    for odd in ["-1s", "soon", "", "1e999s"] {
        let odd = json!({"code": 429, "details": [{"retryDelay": odd}]});
        assert_eq!(failed(429, &odd), (FailureKind::RateLimited, None));
    }
    let wrapped = failure(200, br#"[{"error": {"code": 503, "message": "m"}}]"#);
    assert_eq!(wrapped.kind, FailureKind::Unavailable, "an array around it, and its own code");
    assert_eq!(failure(502, b"<html>").kind, FailureKind::Unavailable);
}

proptest! {
    #[test]
    fn no_body_breaks_the_parsers(body in prop::collection::vec(any::<u8>(), 0..200), status in 100_u16..600) {
        let _ = reply(&body);
        let _ = failure(status, &body);
    }

    #[test]
    fn usage_adds_up_to_the_providers_total(prompt in 0_u64..1_000_000, cached in 0_u64..1_000_000, out in 0_u64..99_999, thoughts in 0_u64..99_999) {
        let cached = cached.min(prompt);
        let mut answer = answer("STOP", json!([{"text": "x"}]));
        answer["usageMetadata"] = json!({"promptTokenCount": prompt, "cachedContentTokenCount": cached,
            "candidatesTokenCount": out, "thoughtsTokenCount": thoughts});
        let usage = read(&answer).unwrap().usage.unwrap();
        prop_assert_eq!(usage.input() + usage.output, prompt + out + thoughts);
        prop_assert_eq!((usage.cache_read, usage.reasoning), (cached, thoughts));
    }
}
