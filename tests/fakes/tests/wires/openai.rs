use crate::client::{Ask, chat_body};
use fakes::{Answer, Fake, Hint, Turn};
use serde_json::{Value, json};

fn ask(more: &Value) -> Ask {
    Ask::post("/v1/chat/completions", &chat_body("gpt-4o-mini", more))
}

fn usage() -> Value {
    json!({
        "prompt_tokens": 1000,
        "completion_tokens": 150,
        "total_tokens": 1150,
        "prompt_tokens_details": {"cached_tokens": 400, "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": 50,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    })
}

#[tokio::test]
async fn an_answer_is_whole_with_all_of_its_usage() {
    let fake = Fake::start().await;
    let expected = json!({
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1_795_000_000,
        "model": "gpt-4o-mini",
        "service_tier": "default",
        "choices": [{
            "index": 0,
            "message": {"role": "assistant", "content": "The answer.", "refusal": null},
            "logprobs": null,
            "finish_reason": "stop",
        }],
        "usage": usage(),
    });
    assert_eq!(ask(&json!({})).of(&fake).await.json(), expected);
}

#[tokio::test]
async fn a_stream_tells_its_usage_only_if_asked_and_where_nothing_else_is() {
    let fake = Fake::start().await;
    let got = ask(&json!({"stream": true, "stream_options": {"include_usage": true}})).of(&fake).await;
    let data = got.data();
    let text: String = data.iter().filter_map(|one| one["choices"][0]["delta"]["content"].as_str()).collect();
    assert_eq!(text, "The answer.");
    let [.., end, last, done] = &data[..] else { panic!("{data:?}") };
    assert_eq!((&end["choices"][0]["finish_reason"], &end["usage"]), (&json!("stop"), &Value::Null));
    assert_eq!((&last["choices"], &last["usage"]), (&json!([]), &usage()));
    assert_eq!(done, "[DONE]");
    let data = ask(&json!({"stream": true})).of(&fake).await.data();
    assert!(data.iter().all(|one| one.get("usage").is_none()));
    assert_eq!(data.last().unwrap(), "[DONE]");
}

#[tokio::test]
async fn a_call_has_its_arguments_as_a_text() {
    let fake = Fake::start().await;
    let calls = vec![("weather".to_owned(), json!({"city": "Zürich"}))];
    fake.play_always(Turn::says(Answer { calls, ..Answer::text("") }));
    let whole = ask(&json!({})).of(&fake).await.json();
    let choice = &whole["choices"][0];
    let expected = json!({"name": "weather", "arguments": r#"{"city":"Zürich"}"#});
    assert_eq!(choice["message"]["tool_calls"][0]["function"], expected);
    assert_eq!(
        (&choice["message"]["content"], &choice["finish_reason"]),
        (&Value::Null, &json!("tool_calls"))
    );
    let data = ask(&json!({"stream": true})).of(&fake).await.data();
    let arguments = |one: &Value| {
        one["choices"][0]["delta"]["tool_calls"][0]["function"]["arguments"].as_str().map(str::to_owned)
    };
    let pieces: Vec<String> = data.iter().filter_map(arguments).collect();
    assert_eq!((pieces.len(), pieces.concat()), (3, r#"{"city":"Zürich"}"#.to_owned()));
}

#[tokio::test]
async fn what_it_refuses_is_in_its_envelope() {
    let fake = Fake::start().await;
    let error = async |ask: &Ask| {
        let got = ask.of(&fake).await;
        let error = got.json()["error"].take();
        assert!(error["message"].is_string());
        (got.status, error["type"].as_str().unwrap().to_owned(), error["code"].as_str().map(str::to_owned))
    };
    let invalid =
        |status, code: Option<&str>| (status, "invalid_request_error".to_owned(), code.map(str::to_owned));
    let keyless = ask(&json!({})).without("Authorization");
    assert_eq!(error(&keyless).await, invalid(401, Some("invalid_api_key")));
    assert_eq!(error(&ask(&json!({"messages": []}))).await, invalid(400, None));
    assert_eq!(error(&ask(&json!({"stream_options": {"include_usage": true}}))).await, invalid(400, None));
    assert_eq!(error(&Ask::post("/v1/dream", &json!({}))).await, invalid(404, None));
    fake.play(Turn::refuses(429).code("insufficient_quota"));
    let quota = "insufficient_quota".to_owned();
    assert_eq!(error(&ask(&json!({}))).await, (429, quota.clone(), Some(quota)));
    fake.play(Turn::refuses(429).hint(Hint::Millis(5)));
    let got = ask(&json!({})).of(&fake).await;
    assert_eq!(got.headers["retry-after-ms"], "5");
    assert_eq!(got.json()["error"]["code"], "rate_limit_exceeded");
}

#[tokio::test]
async fn blocked_and_too_long_are_reasons_to_finish() {
    let fake = Fake::start().await;
    let reason = async || ask(&json!({})).of(&fake).await.json()["choices"][0]["finish_reason"].take();
    fake.play(Turn::blocks());
    assert_eq!(reason().await, "content_filter");
    fake.play(Turn::says(Answer { length: true, ..Answer::default() }));
    assert_eq!(reason().await, "length");
}

#[tokio::test]
async fn an_error_in_a_stream_is_data() {
    let fake = Fake::start().await;
    fake.play(Turn::breaks_after(Answer::default(), 1));
    let data = ask(&json!({"stream": true})).of(&fake).await.data();
    assert_eq!(data.last().unwrap()["error"]["type"], "server_error");
    assert_eq!(data.len(), 3, "the role, a piece, the error, and no end");
}

#[tokio::test]
async fn embeddings_have_the_size_and_the_encoding_that_is_asked_for() {
    let fake = Fake::start().await;
    let embed = async |more: Value| {
        let mut body = json!({"model": "text-embedding-3-small", "input": ["one", "two"]});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        Ask::post("/v1/embeddings", &body).of(&fake).await.json()
    };
    let listed = embed(json!({"dimensions": 5})).await;
    assert_eq!(listed["data"][1]["embedding"].as_array().unwrap().len(), 5);
    assert_eq!(listed["usage"], json!({"prompt_tokens": 2, "total_tokens": 2}));
    let packed = embed(json!({"encoding_format": "base64"})).await;
    assert_eq!(packed["data"][0]["embedding"].as_str().unwrap().len(), 44, "eight numbers of four bytes");
    assert_ne!(packed["data"][0]["embedding"], packed["data"][1]["embedding"]);
    assert_eq!(embed(json!({"input": []})).await["error"]["type"], "invalid_request_error");
}

#[tokio::test]
async fn the_models_are_listed_and_take_no_turn() {
    let fake = Fake::start().await;
    fake.play(Turn::refuses(500));
    let list = Ask { method: "GET", body: String::new(), ..Ask::post("/v1/models", &Value::Null) };
    assert_eq!(list.of(&fake).await.json()["data"][0]["object"], "model");
    assert_eq!(list.without("Authorization").of(&fake).await.status, 401);
    assert_eq!(ask(&json!({})).of(&fake).await.status, 500);
}
