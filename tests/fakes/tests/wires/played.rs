//! Turns that come as JSON.

use crate::client::{Ask, wires};
use fakes::Fake;
use serde_json::{Value, json};

async fn play(fake: &Fake, turn: &Value) -> u16 {
    Ask::post("/_fake/play", turn).of(fake).await.status
}

#[tokio::test]
async fn a_turn_is_played_as_if_by_a_call() {
    let fake = Fake::start().await;
    let wire = wires().remove(4);
    let refusal =
        json!({"turn": "refuses", "status": 429, "code": "insufficient_quota", "hint": {"seconds": 7}});
    assert_eq!(play(&fake, &refusal).await, 200);
    let got = wire.whole.of(&fake).await;
    assert_eq!((got.status, got.headers["retry-after"].as_str()), (429, "7"));
    assert_eq!(got.json()["error"]["code"], "insufficient_quota");
    let answer = json!({"text": "", "calls": [["weather", {}]], "length": true, "tokens": {"output": 7}});
    assert_eq!(play(&fake, &json!({"turn": "says", "answer": answer, "always": true})).await, 200);
    for _ in 0..2 {
        let got = wire.whole.of(&fake).await.json();
        assert_eq!(got["choices"][0]["finish_reason"], "length");
        assert_eq!(got["usage"]["completion_tokens"], 7);
    }
    assert_eq!(fake.seen().len(), 3, "the turns themselves are not seen");
}

#[tokio::test]
async fn every_turn_has_a_name() {
    let fake = Fake::start().await;
    for name in
        ["says", "refuses", "blocks", "breaks_after", "cuts_after", "garbles_after", "resets", "silent"]
    {
        assert_eq!(play(&fake, &json!({"turn": name, "n": 1, "after_ms": 1})).await, 200, "{name}");
    }
    for hint in [json!({"millis": 5}), json!({"date": "x"}), json!({"body_ms": 5}), json!(null)] {
        assert_eq!(play(&fake, &json!({"turn": "refuses", "hint": hint})).await, 200, "{hint}");
    }
}

#[tokio::test]
async fn what_is_no_turn_is_told() {
    let fake = Fake::start().await;
    for wrong in [json!({}), json!({"turn": "dreams"}), json!({"turn": "says", "answer": {"txet": ""}})] {
        let got = Ask::post("/_fake/play", &wrong).of(&fake).await;
        assert_eq!(got.status, 400, "{wrong}");
        assert!(got.json()["error"].is_string());
    }
}
