use crate::client::{Ask, VERTEX, google_body};
use fakes::{Answer, Fake, Turn};
use serde_json::{Value, json};

const DEVELOPER: &str = "/v1/models/gemini-3.8-flash";

fn usage() -> Value {
    json!({
        "promptTokenCount": 1000,
        "cachedContentTokenCount": 400,
        "candidatesTokenCount": 100,
        "thoughtsTokenCount": 50,
        "totalTokenCount": 1150,
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 1000}],
        "trafficType": "ON_DEMAND",
    })
}

async fn asked(fake: &Fake, path: &str) -> Value {
    let got = Ask::post(path, &google_body()).of(fake).await;
    assert_eq!(got.status, 200, "{}", got.body);
    got.json()
}

#[tokio::test]
async fn an_answer_is_whole_with_all_of_its_usage() {
    let fake = Fake::start().await;
    let expected = json!({
        "candidates": [{
            "content": {"role": "model", "parts": [{"text": "The answer."}]},
            "finishReason": "STOP",
            "index": 0,
        }],
        "usageMetadata": usage(),
        "modelVersion": "gemini-3.8-flash",
        "responseId": "response-1",
        "createTime": "2026-11-21T09:00:00.000000Z",
    });
    assert_eq!(asked(&fake, &format!("{VERTEX}:generateContent")).await, expected);
}

#[tokio::test]
async fn the_developer_api_has_no_traffic_type() {
    let fake = Fake::start().await;
    let mut usage = usage();
    usage.as_object_mut().unwrap().remove("trafficType");
    let answer = asked(&fake, &format!("{DEVELOPER}:generateContent")).await;
    assert_eq!(answer["usageMetadata"], usage);
    assert!(answer.get("createTime").is_none());
}

#[tokio::test]
async fn a_stream_has_a_response_a_line_and_its_usage_and_end_in_the_last() {
    let fake = Fake::start().await;
    let got = Ask::post(&format!("{VERTEX}:streamGenerateContent?alt=sse"), &google_body()).of(&fake).await;
    assert_eq!(got.headers["content-type"], "text/event-stream");
    assert_eq!(got.chunks.len(), 4);
    for chunk in &got.chunks {
        assert!(chunk.starts_with("data: {") && chunk.ends_with("}\r\n\r\n"), "{chunk}");
        assert_eq!(chunk.matches("\r\n").count(), 2, "{chunk}");
    }
    let data = got.data();
    let part = |at: usize| data[at]["candidates"][0]["content"]["parts"][0]["text"].clone();
    assert_eq!([part(0), part(1), part(2), part(3)], ["The", " ans", "wer.", ""]);
    assert_eq!(data[0]["usageMetadata"], json!({"trafficType": "ON_DEMAND"}));
    assert_eq!(data[0]["candidates"][0].get("finishReason"), None);
    assert_eq!(data[3]["usageMetadata"], usage());
    assert_eq!(data[3]["candidates"][0]["finishReason"], "STOP");
}

#[tokio::test]
async fn a_stream_that_is_not_asked_for_as_events_is_an_array() {
    let fake = Fake::start().await;
    let ask = Ask::post(&format!("{VERTEX}:streamGenerateContent"), &google_body());
    let answer = ask.of(&fake).await.json();
    assert_eq!(answer.as_array().unwrap().len(), 4);
    assert_eq!(answer[3]["usageMetadata"], usage());
    fake.play(Turn::refuses(429));
    assert_eq!(ask.of(&fake).await.json()[0]["error"]["code"], 429);
    for pieces in 0..2 {
        fake.play(Turn::breaks_after(Answer::default(), pieces));
        assert_eq!(ask.of(&fake).await.json()[pieces]["error"]["status"], "UNAVAILABLE");
    }
}

#[tokio::test]
async fn thoughts_calls_and_the_limit_of_length_are_where_google_has_them() {
    let fake = Fake::start().await;
    let calls = vec![("weather".to_owned(), json!({"city": "Zürich"}))];
    let answer = Answer { thought: Some("Hm.".to_owned()), calls, length: true, ..Answer::text("So:") };
    fake.play_always(Turn::says(answer));
    let said = asked(&fake, &format!("{VERTEX}:generateContent")).await;
    let parts = &said["candidates"][0]["content"]["parts"];
    assert_eq!(parts[0], json!({"text": "Hm.", "thought": true}));
    assert_eq!(parts[1], json!({"text": "So:"}));
    assert_eq!(parts[2]["functionCall"], json!({"name": "weather", "args": {"city": "Zürich"}}));
    assert!(parts[2]["thoughtSignature"].is_string());
    assert_eq!(said["candidates"][0]["finishReason"], "MAX_TOKENS");
    let older = asked(&fake, "/v1/models/gemini-2.5-pro:generateContent").await;
    let part = &older["candidates"][0]["content"]["parts"][2];
    assert!(part.get("thoughtSignature").is_none(), "older models do not sign");
    assert!(part["functionCall"]["id"].is_string());
}

#[tokio::test]
async fn a_count_is_of_the_prompt() {
    let fake = Fake::start().await;
    let count = asked(&fake, &format!("{VERTEX}:countTokens")).await;
    assert_eq!((&count["totalTokens"], &count["totalBillableCharacters"]), (&json!(1000), &json!(4000)));
    let body = json!({"generateContentRequest": google_body()});
    let count = Ask::post(&format!("{DEVELOPER}:countTokens"), &body).of(&fake).await.json();
    assert_eq!(count["totalTokens"], 1000);
    assert!(count.get("totalBillableCharacters").is_none());
}

fn size(values: &Value) -> usize {
    values.as_array().unwrap().len()
}

#[tokio::test]
async fn embeddings_have_three_shapes() {
    let fake = Fake::start().await;
    let embeds = async |model: &str, method: &str, body: Value| {
        let path = VERTEX.replace("gemini-3.8-flash", model);
        Ask::post(&format!("{path}:{method}"), &body).of(&fake).await.json()
    };
    let body = json!({"instances": [{"content": "Good morning"}], "parameters": {"outputDimensionality": 5}});
    let answer = embeds("text-embedding-005", "predict", body).await;
    let embeddings = &answer["predictions"][0]["embeddings"];
    assert_eq!(size(&embeddings["values"]), 5);
    assert_eq!(embeddings["statistics"], json!({"truncated": false, "token_count": 3}));
    assert_eq!(answer["metadata"]["billableCharacterCount"], 11);

    let content = json!({"parts": [{"text": "Good morning"}]});
    let body = json!({"content": content, "embedContentConfig": {"output_dimensionality": 5}});
    let one = embeds("gemini-embedding-001", "embedContent", body).await;
    assert_eq!(one["embedding"]["values"], embeddings["values"], "the same text has the same vector");
    assert_eq!(one["usageMetadata"]["promptTokenCount"], 3);

    let request = json!({"model": "models/gemini-embedding-001", "content": content});
    let body = json!({"requests": [request, request]});
    let got = Ask::post("/v1beta/models/gemini-embedding-001:batchEmbedContents", &body).of(&fake).await;
    let answer = got.json();
    let sizes: Vec<usize> =
        answer["embeddings"].as_array().unwrap().iter().map(|one| size(&one["values"])).collect();
    assert_eq!(sizes, [8, 8]);
}

#[tokio::test]
async fn what_is_blocked_has_no_candidates_and_is_paid_for_its_prompt() {
    let fake = Fake::start().await;
    fake.play_always(Turn::blocks());
    let answer = asked(&fake, &format!("{VERTEX}:generateContent")).await;
    assert!(answer.get("candidates").is_none());
    assert_eq!(answer["promptFeedback"]["blockReason"], "PROHIBITED_CONTENT");
    let usage = &answer["usageMetadata"];
    assert_eq!((&usage["promptTokenCount"], &usage["totalTokenCount"]), (&json!(1000), &json!(1000)));
    let got = Ask::post(&format!("{VERTEX}:streamGenerateContent?alt=sse"), &google_body()).of(&fake).await;
    assert_eq!(got.data().len(), 1);
    assert_eq!(got.data()[0]["promptFeedback"], answer["promptFeedback"]);
}

#[tokio::test]
async fn an_error_in_a_stream_is_raw_json_over_several_lines() {
    let fake = Fake::start().await;
    fake.play(Turn::breaks_after(Answer::default(), 1));
    let got = Ask::post(&format!("{VERTEX}:streamGenerateContent?alt=sse"), &google_body()).of(&fake).await;
    assert_eq!((got.status, got.chunks.len(), got.is_whole), (200, 2, true));
    let error = &got.chunks[1];
    assert!(error.starts_with("{\n"), "{error}");
    let error: Value = serde_json::from_str(error).unwrap();
    assert_eq!((&error["error"]["code"], &error["error"]["status"]), (&json!(503), &json!("UNAVAILABLE")));
}
