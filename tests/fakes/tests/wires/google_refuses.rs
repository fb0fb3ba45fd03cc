use crate::client::{Ask, VERTEX, google_body};
use fakes::{Answer, Fake, Hint, Turn};
use serde_json::{Value, json};
use std::time::Duration;

async fn refused(fake: &Fake, ask: &Ask) -> (u16, String) {
    let got = ask.of(fake).await;
    let error = &got.json()["error"];
    assert_eq!(error["code"], got.status);
    (got.status, error["status"].as_str().unwrap().to_owned())
}

fn invalid() -> (u16, String) {
    (400, "INVALID_ARGUMENT".to_owned())
}

#[tokio::test]
async fn a_key_is_in_one_of_two_headers() {
    let fake = Fake::start().await;
    let ask = Ask::post(&format!("{VERTEX}:generateContent"), &google_body()).without("Authorization");
    assert_eq!(refused(&fake, &ask).await, (401, "UNAUTHENTICATED".to_owned()));
    assert_eq!(ask.clone().with("X-Goog-Api-Key", "k").of(&fake).await.status, 200);
    assert_eq!(ask.with("Authorization", "bearer t").of(&fake).await.status, 200);
}

#[tokio::test]
async fn argon_refuses_a_budget_in_either_spelling_but_takes_a_level() {
    let fake = Fake::start().await;
    let argon = format!("{}:generateContent", VERTEX.replace("gemini-3.8-flash", "gemini-4-argon"));
    let ask = |thinking: Value| {
        let mut body = google_body();
        body["generationConfig"] = thinking;
        Ask::post(&argon, &body)
    };
    for budget in [
        json!({"thinkingConfig": {"thinkingBudget": 0}}),
        json!({"thinking_config": {"thinking_budget": 100}}),
        json!({"thinkingConfig": {"thinking_budget": -1}}),
    ] {
        assert_eq!(refused(&fake, &ask(budget)).await, invalid());
    }
    let level = json!({"thinkingConfig": {"thinkingLevel": "LOW"}});
    assert_eq!(ask(level).of(&fake).await.status, 200);
}

/// A question, a call of the model, and its result.
fn called(signature: Option<&str>) -> Value {
    let mut part = json!({"functionCall": {"name": "weather", "args": {}}});
    if let Some(signature) = signature {
        part["thoughtSignature"] = json!(signature);
    }
    let result = json!({"functionResponse": {"name": "weather", "response": {}}});
    json!([
        {"role": "user", "parts": [{"text": "Hello"}]},
        {"role": "model", "parts": [part]},
        {"role": "user", "parts": [result]},
    ])
}

#[tokio::test]
async fn a_call_of_the_current_turn_comes_back_signed() {
    let fake = Fake::start().await;
    let ask = |model: &str, contents: &Value| {
        let path = VERTEX.replace("gemini-3.8-flash", model);
        Ask::post(&format!("{path}:generateContent"), &json!({"contents": contents}))
    };
    assert_eq!(refused(&fake, &ask("gemini-3.8-flash", &called(None))).await, invalid());
    assert_eq!(ask("gemini-2.5-pro", &called(None)).of(&fake).await.status, 200, "it has no signatures");
    let made_up = called(Some("c2lnbmVk"));
    assert_eq!(ask("gemini-3.8-flash", &made_up).of(&fake).await.status, 200);
    let mut over = called(None);
    over.as_array_mut().unwrap().push(json!({"role": "model", "parts": [{"text": "It is clear."}]}));
    over.as_array_mut().unwrap().push(json!({"role": "user", "parts": [{"text": "Thanks"}]}));
    assert_eq!(ask("gemini-3.8-flash", &over).of(&fake).await.status, 200, "that turn is over");

    fake.play(Turn::says(Answer { calls: vec![("weather".to_owned(), json!({}))], ..Answer::text("") }));
    let said = ask("gemini-3.8-flash", &google_body()["contents"]).of(&fake).await.json();
    let signature = &said["candidates"][0]["content"]["parts"][0]["thoughtSignature"];
    let own = called(signature.as_str());
    assert_eq!(ask("gemini-3.8-flash", &own).of(&fake).await.status, 200);
    assert_eq!(refused(&fake, &ask("gemini-4-argon", &own)).await, invalid(), "it is another model's");
}

#[tokio::test]
async fn what_is_malformed_is_invalid_and_takes_no_turn() {
    let fake = Fake::start().await;
    fake.play(Turn::refuses(429));
    let ask = |body: &Value| Ask::post(&format!("{VERTEX}:generateContent"), body);
    let both =
        json!({"functionDeclarations": [{"name": "f", "parameters": {}, "parameters_json_schema": {}}]});
    let mut exclusive = google_body();
    exclusive["tools"] = json!([both]);
    for body in [
        json!({}),
        json!({"contents": []}),
        json!({"contents": [{"role": "assistant", "parts": [{"text": "Hello"}]}]}),
        json!({"contents": [{"role": "user", "parts": []}]}),
        exclusive,
    ] {
        assert_eq!(refused(&fake, &ask(&body)).await, invalid(), "{body}");
    }
    let mut labelled = google_body();
    labelled["labels"] = json!({"team": "a"});
    let developer = Ask::post("/v1/models/gemini-3.8-flash:generateContent", &labelled);
    assert_eq!(refused(&fake, &developer).await, invalid(), "the Developer API has no labels");
    let mut torn = ask(&google_body());
    torn.body.pop();
    assert_eq!(refused(&fake, &torn).await, invalid());
    assert_eq!(ask(&labelled).of(&fake).await.status, 429, "the turn was still there");
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let fake = Fake::start().await;
    let not_found = (404, "NOT_FOUND".to_owned());
    for path in [
        &format!("{VERTEX}:dream"),
        "/v1/projects/p1/locations/l/publishers/nobody/models/m:generateContent",
        "/v1beta1/projects/p1",
    ] {
        assert_eq!(refused(&fake, &Ask::post(path, &google_body())).await, not_found, "{path}");
    }
}

#[tokio::test]
async fn a_hint_is_in_the_headers_or_in_the_details() {
    let fake = Fake::start().await;
    let ask = Ask::post(&format!("{VERTEX}:generateContent"), &google_body());
    fake.play(Turn::refuses(429).hint(Hint::Body(Duration::from_millis(52_500))).code("RATE_LIMIT_EXCEEDED"));
    let got = ask.of(&fake).await;
    let error = &got.json()["error"];
    assert_eq!(error["status"], "RESOURCE_EXHAUSTED");
    assert_eq!(error["details"][0]["reason"], "RATE_LIMIT_EXCEEDED");
    let retry = json!({"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "52.5s"});
    assert_eq!(error["details"][1], retry);
    assert!(!got.headers.contains_key("retry-after"));
    fake.play(Turn::refuses(400).code("FAILED_PRECONDITION"));
    assert_eq!(refused(&fake, &ask).await, (400, "FAILED_PRECONDITION".to_owned()));
}
