use crate::client::{Ask, CLAUDE, Got, chat_body, claude_body};
use fakes::{Answer, Fake, Hint, Turn};
use serde_json::{Value, json};
use std::time::Duration;

const MODEL: &str = "claude-sonnet-5-5";

fn ask(more: &Value) -> Ask {
    Ask::post("/v1/messages", &chat_body(MODEL, more))
}

fn usage(output: u64, thinking: u64) -> Value {
    json!({
        "input_tokens": 600,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 400,
        "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0},
        "output_tokens": output,
        "output_tokens_details": {"thinking_tokens": thinking},
        "service_tier": "standard",
    })
}

fn refused(got: &Got) -> (u16, String) {
    let body = got.json();
    assert_eq!(body["type"], "error", "{body}");
    assert!(body["request_id"].is_string());
    (got.status, body["error"]["type"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn an_answer_is_whole_with_all_of_its_usage() {
    let fake = Fake::start().await;
    let expected = json!({
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": MODEL,
        "content": [{"type": "text", "text": "The answer."}],
        "stop_reason": "end_turn",
        "stop_sequence": null,
        "stop_details": null,
        "usage": usage(150, 50),
    });
    assert_eq!(ask(&json!({})).of(&fake).await.json(), expected);
    let on_vertex =
        Ask::post(&format!("{CLAUDE}:rawPredict"), &claude_body(&json!({}))).of(&fake).await.json();
    assert_eq!((&on_vertex["model"], &on_vertex["usage"]), (&json!(MODEL), &usage(150, 50)));
}

#[tokio::test]
async fn a_stream_has_named_events_in_order_and_snapshots_of_its_usage() {
    let fake = Fake::start().await;
    let got = ask(&json!({"stream": true})).of(&fake).await;
    let events = got.events();
    let names: Vec<&str> = events.iter().map(|(name, _)| name.as_str()).collect();
    let expected = [
        "message_start",
        "ping",
        "content_block_start",
        "content_block_delta",
        "content_block_delta",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "message_delta",
        "message_stop",
    ];
    assert_eq!(names, expected);
    assert!(events.iter().all(|(name, data)| data["type"] == name.as_str()));
    assert_eq!(events[0].1["message"]["usage"], usage(1, 0));
    assert_eq!(events[3].1["delta"], json!({"type": "text_delta", "text": "The"}));
    assert_eq!(events[7].1["usage"], json!({"output_tokens": 80}));
    assert_eq!(events[8].1["usage"], usage(150, 50));
    assert_eq!(events[8].1["delta"]["stop_reason"], "end_turn");
}

#[tokio::test]
async fn thoughts_and_calls_are_blocks() {
    let fake = Fake::start().await;
    let calls = vec![("weather".to_owned(), json!({"city": "Zürich"}))];
    fake.play_always(Turn::says(Answer { thought: Some("Hm.".to_owned()), calls, ..Answer::text("So:") }));
    let whole = ask(&json!({})).of(&fake).await.json();
    let kinds: Vec<&Value> =
        whole["content"].as_array().unwrap().iter().map(|block| &block["type"]).collect();
    assert_eq!(kinds, ["thinking", "text", "tool_use"]);
    assert_eq!(whole["content"][2]["input"], json!({"city": "Zürich"}));
    assert_eq!(whole["stop_reason"], "tool_use");
    let data = ask(&json!({"stream": true})).of(&fake).await.data();
    let deltas =
        |field: &str| -> String { data.iter().filter_map(|event| event["delta"][field].as_str()).collect() };
    assert_eq!((deltas("thinking"), deltas("text")), ("Hm.".to_owned(), "So:".to_owned()));
    assert_eq!(deltas("partial_json"), r#"{"city":"Zürich"}"#);
    assert_eq!(deltas("signature"), whole["content"][0]["signature"].as_str().unwrap());
}

#[tokio::test]
async fn a_count_is_of_the_prompt_and_its_model_is_in_the_body() {
    let fake = Fake::start().await;
    let body = json!({"model": MODEL, "messages": [{"role": "user", "content": "Hello"}]});
    let count = Ask::post("/v1/messages/count_tokens", &body).of(&fake).await.json();
    assert_eq!(count, json!({"input_tokens": 1000}));
    let path = format!("{}:rawPredict", CLAUDE.replace(MODEL, "count-tokens"));
    let mut body = body;
    body["anthropic_version"] = json!("vertex-2023-10-16");
    assert_eq!(Ask::post(&path, &body).of(&fake).await.json(), count);
    body.as_object_mut().unwrap().remove("model");
    assert_eq!(refused(&Ask::post(&path, &body).of(&fake).await), (400, "invalid_request_error".to_owned()));
}

#[tokio::test]
async fn key_and_version_are_needed() {
    let fake = Fake::start().await;
    let ask = ask(&json!({}));
    let keyless = ask.clone().without("Authorization");
    assert_eq!(refused(&keyless.of(&fake).await), (401, "authentication_error".to_owned()));
    assert_eq!(keyless.with("X-Api-Key", "k").of(&fake).await.status, 200);
    let invalid = (400, "invalid_request_error".to_owned());
    assert_eq!(refused(&ask.clone().without("anthropic-version").of(&fake).await), invalid);
    assert_eq!(refused(&ask.clone().with("anthropic-version", "2024-01-01").of(&fake).await), invalid);
    assert_eq!(ask.with("anthropic-version", "2023-06-01").of(&fake).await.status, 200);
    let nothing = Ask::post("/v1/messages/dream", &json!({})).of(&fake).await;
    assert_eq!(refused(&nothing), (404, "not_found_error".to_owned()));
}

#[tokio::test]
async fn the_newest_version_refuses_what_the_older_takes() {
    let fake = Fake::start().await;
    let document = json!([{"role": "assistant", "content": [{"type": "document"}]}]);
    let cited = json!([{"role": "user", "content": [{"type": "text", "text": "a", "citations": [{}]}]}]);
    for more in [
        json!({"temperature": 1.0}),
        json!({"top_p": 1.0}),
        json!({"top_k": 1}),
        json!({"messages": document}),
        json!({"messages": cited}),
    ] {
        let ask = ask(&more);
        assert_eq!(refused(&ask.of(&fake).await), (400, "invalid_request_error".to_owned()), "{more}");
        assert_eq!(ask.with("anthropic-version", "2023-06-01").of(&fake).await.status, 200, "{more}");
    }
    let mut on_vertex = claude_body(&json!({"temperature": 1.0}));
    let path = format!("{CLAUDE}:rawPredict");
    assert_eq!(Ask::post(&path, &on_vertex).of(&fake).await.status, 400);
    on_vertex["anthropic_version"] = json!("vertex-2023-10-16");
    assert_eq!(Ask::post(&path, &on_vertex).of(&fake).await.status, 200);
}

#[tokio::test]
async fn what_is_malformed_or_forced_is_refused() {
    let fake = Fake::start().await;
    let invalid = (400, "invalid_request_error".to_owned());
    for more in [
        json!({"max_tokens": null}),
        json!({"messages": []}),
        json!({"messages": [{"role": "model", "content": "Hello"}]}),
        json!({"model": null}),
        json!({"tool_choice": {"type": "any"}}),
        json!({"tool_choice": {"type": "tool", "name": "weather"}}),
    ] {
        assert_eq!(refused(&ask(&more).of(&fake).await), invalid, "{more}");
    }
    let forced = json!({"tool_choice": {"type": "any"}});
    let older = Ask::post("/v1/messages", &chat_body("claude-haiku-5-5", &forced));
    assert_eq!(older.of(&fake).await.status, 200);
    let vertex = async |method: &str, body: &Value| {
        refused(&Ask::post(&format!("{CLAUDE}:{method}"), body).of(&fake).await)
    };
    let mut named = claude_body(&json!({}));
    named["model"] = json!(MODEL);
    assert_eq!(vertex("rawPredict", &named).await, invalid, "the model is in the path");
    assert_eq!(vertex("rawPredict", &claude_body(&json!({"stream": true}))).await, invalid);
    assert_eq!(vertex("streamRawPredict", &claude_body(&json!({}))).await, invalid);
    let mut versionless = claude_body(&json!({}));
    versionless.as_object_mut().unwrap().remove("anthropic_version");
    assert_eq!(vertex("rawPredict", &versionless).await, invalid);
}

#[tokio::test]
async fn on_vertex_google_refuses_who_has_no_key_and_its_hint_is_in_its_own_envelope() {
    let fake = Fake::start().await;
    let ask = Ask::post(&format!("{CLAUDE}:rawPredict"), &claude_body(&json!({})));
    let keyless = ask.clone().without("Authorization").of(&fake).await;
    assert_eq!(keyless.json()["error"]["status"], "UNAUTHENTICATED");
    fake.play(Turn::refuses(429).hint(Hint::Body(Duration::from_secs(52))));
    assert_eq!(ask.of(&fake).await.json()["error"]["details"][0]["retryDelay"], "52s");
    fake.play(Turn::refuses(429).hint(Hint::Seconds(1)));
    let got = ask.of(&fake).await;
    assert_eq!(refused(&got), (429, "rate_limit_error".to_owned()));
    assert_eq!(got.headers["retry-after"], "1");
}

#[tokio::test]
async fn a_code_is_a_type_or_a_detail() {
    let fake = Fake::start().await;
    fake.play(Turn::refuses(400).code("billing_error"));
    assert_eq!(refused(&ask(&json!({})).of(&fake).await), (400, "billing_error".to_owned()));
    fake.play(Turn::refuses(403).code("credits_used_up"));
    let error = ask(&json!({})).of(&fake).await.json();
    assert_eq!(error["error"]["type"], "permission_error");
    assert_eq!(error["error"]["details"]["error_code"], "credits_used_up");
}

#[tokio::test]
async fn a_blocked_answer_is_a_refusal() {
    let fake = Fake::start().await;
    fake.play_always(Turn::blocks());
    let whole = ask(&json!({})).of(&fake).await.json();
    assert_eq!((&whole["stop_reason"], &whole["content"]), (&json!("refusal"), &json!([])));
    assert_eq!(whole["stop_details"]["type"], "refusal");
    assert_eq!((&whole["usage"]["input_tokens"], &whole["usage"]["output_tokens"]), (&json!(600), &json!(0)));
    let data = ask(&json!({"stream": true})).of(&fake).await.data();
    assert_eq!(data.iter().rev().nth(1).unwrap()["delta"]["stop_reason"], "refusal");
}

#[tokio::test]
async fn an_error_in_a_stream_is_an_event() {
    let fake = Fake::start().await;
    fake.play(Turn::breaks_after(Answer::default(), 1));
    let got = ask(&json!({"stream": true})).of(&fake).await;
    assert_eq!(got.status, 200);
    let (name, error) = got.events().pop().unwrap();
    assert_eq!((name.as_str(), &error["error"]["type"]), ("error", &json!("overloaded_error")));
}
