use crate::client::{Ask, chat_body};
use fakes::{Answer, Fake, Hint, Turn};
use serde_json::{Value, json};

fn ask(more: &Value) -> Ask {
    Ask::post("/mistral/v1/chat/completions", &chat_body("mistral-large-latest", more))
}

fn usage() -> Value {
    json!({"prompt_tokens": 1000, "completion_tokens": 150, "total_tokens": 1150})
}

#[tokio::test]
async fn an_answer_is_whole_with_its_usage() {
    let fake = Fake::start().await;
    let expected = json!({
        "id": "cmpl-1",
        "object": "chat.completion",
        "created": 1_795_000_000,
        "model": "mistral-large-latest",
        "choices": [{
            "index": 0,
            "message": {"role": "assistant", "content": "The answer.", "tool_calls": null},
            "finish_reason": "stop",
        }],
        "usage": usage(),
    });
    assert_eq!(ask(&json!({"random_seed": 7, "safe_prompt": true})).of(&fake).await.json(), expected);
}

#[tokio::test]
async fn the_usage_of_a_stream_is_in_the_chunk_that_ends_it() {
    let fake = Fake::start().await;
    let data = ask(&json!({"stream": true})).of(&fake).await.data();
    let text: String = data.iter().filter_map(|one| one["choices"][0]["delta"]["content"].as_str()).collect();
    assert_eq!(text, "The answer.");
    let [before @ .., last, done] = &data[..] else { panic!("{data:?}") };
    assert!(before.iter().all(|one| one.get("usage").is_none()));
    assert_eq!((&last["choices"][0]["finish_reason"], &last["usage"]), (&json!("stop"), &usage()));
    assert_eq!(done, "[DONE]");
}

#[tokio::test]
async fn it_knows_neither_seed_nor_stream_options() {
    let fake = Fake::start().await;
    for (name, more) in
        [("seed", json!({"seed": 7})), ("stream_options", json!({"stream": true, "stream_options": {}}))]
    {
        let got = ask(&more).of(&fake).await;
        assert_eq!((got.status, &got.json()["detail"][0]["loc"]), (422, &json!(["body", name])));
    }
}

#[tokio::test]
async fn a_call_comes_whole() {
    let fake = Fake::start().await;
    let calls = vec![("weather".to_owned(), json!({"city": "Zürich"}))];
    fake.play_always(Turn::says(Answer { calls, ..Answer::text("") }));
    let function = json!({"name": "weather", "arguments": r#"{"city":"Zürich"}"#});
    let whole = ask(&json!({})).of(&fake).await.json();
    assert_eq!(whole["choices"][0]["message"]["tool_calls"][0]["function"], function);
    let data = ask(&json!({"stream": true})).of(&fake).await.data();
    let last = &data[data.len() - 2]["choices"][0];
    assert_eq!(last["delta"]["tool_calls"][0]["function"], function);
    assert_eq!(last["finish_reason"], "tool_calls");
}

#[tokio::test]
async fn refusals_blocks_and_errors_in_a_stream_are_in_its_words() {
    let fake = Fake::start().await;
    fake.play(Turn::refuses(429).hint(Hint::Seconds(1)));
    let got = ask(&json!({})).of(&fake).await;
    assert_eq!(
        (got.status, &got.json()["type"], &got.json()["code"]),
        (429, &json!("rate_limited"), &json!("1300"))
    );
    fake.play(Turn::blocks());
    assert_eq!(ask(&json!({})).of(&fake).await.json()["choices"][0]["finish_reason"], "error");
    fake.play(Turn::breaks_after(Answer::default(), 0));
    let data = ask(&json!({"stream": true})).of(&fake).await.data();
    assert_eq!((data.len(), &data[1]["type"]), (2, &json!("internal_server_error")));
    let keyless = ask(&json!({})).without("Authorization").of(&fake).await;
    assert_eq!((keyless.status, keyless.json()), (401, json!({"detail": "Unauthorized"})));
    assert_eq!(Ask::post("/mistral/v1/dream", &json!({})).of(&fake).await.status, 404);
}

#[tokio::test]
async fn embeddings_have_the_size_that_is_asked_for() {
    let fake = Fake::start().await;
    let body = json!({"model": "mistral-embed", "input": ["one", "two"], "output_dimension": 5});
    let answer = Ask::post("/mistral/v1/embeddings", &body).of(&fake).await.json();
    assert_eq!(answer["data"][1]["embedding"].as_array().unwrap().len(), 5);
    assert_eq!(answer["usage"]["total_tokens"], 2);
}
