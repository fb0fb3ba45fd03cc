use super::{Cloud, PATIENT, USUAL, calling, header, model, request, text_of};
use agents::{
    dispatch::{Delta, FailureKind, Finish, Part},
    ports::models::LanguageModel,
};
use fakes::{Answer, Hint, Turn};
use serde_json::{Value, json};
use std::time::Duration;

const SONNET: &str = "claude-sonnet-5-5";
const PLACE: &str = "/v1/projects/p1/locations/us-central1/publishers/anthropic/models";

#[tokio::test]
async fn claude_is_asked_with_its_version_in_the_body_and_its_name_in_the_path() {
    let cloud = Cloud::start().await;
    let reply = cloud.whole(&model(SONNET), Turn::default()).await.unwrap();
    assert_eq!(reply.parts, [Part::Text("The answer.".to_owned())]);
    assert_eq!((reply.finish, reply.usage), (Finish::Stop, Some(USUAL)));
    cloud.stream(&model(SONNET), Turn::default()).await.1.unwrap();
    let [whole, streamed] = &cloud.asked()[..] else { panic!("two") };
    assert_eq!(whole.path, format!("{PLACE}/{SONNET}:rawPredict"));
    assert_eq!(streamed.path, format!("{PLACE}/{SONNET}:streamRawPredict"));
    assert_eq!(header(whole, "authorization"), Some("Bearer token-1"));
    assert_eq!((header(whole, "anthropic-version"), header(whole, "x-api-key")), (None, None));
    assert_eq!(
        (&whole.body["model"], &whole.body["anthropic_version"]),
        (&Value::Null, &json!("2026-10-21"))
    );
    assert_eq!((&whole.body["max_tokens"], &whole.body["system"]), (&json!(512), &json!("Be brief.")));
    assert_eq!((&whole.body["stream"], &streamed.body["stream"]), (&Value::Null, &json!(true)));
}

#[tokio::test]
async fn a_streamed_answer_of_claude_ends_as_the_same_one_that_came_whole() {
    let long = Answer { length: true, ..Answer::text("Viele Grüße 🙂.") };
    for (answer, finish) in
        [(Answer::default(), Finish::Stop), (calling(), Finish::ToolCalls), (long, Finish::Length)]
    {
        // Its ids tell the number of the answer, so each has a fake of its own.
        let whole = Cloud::start().await.whole(&model(SONNET), Turn::says(answer.clone())).await.unwrap();
        assert_eq!((whole.finish, whole.usage), (finish, Some(USUAL)));
        for split_bytes in [None, Some(1), Some(7)] {
            let turn = Turn::says(Answer { split_bytes, comments: true, ..answer.clone() });
            let (deltas, reply) = Cloud::start().await.stream(&model(SONNET), turn).await;
            assert_eq!(reply.unwrap(), whole, "in pieces of {split_bytes:?}");
            assert_eq!(text_of(&deltas), whole.text());
            assert!(deltas.contains(&Delta::Usage(USUAL)));
        }
    }
}

#[tokio::test]
async fn a_count_names_the_model_in_the_body() {
    let cloud = Cloud::start().await;
    let counted = cloud.vertex.count(&model(SONNET), &request(), PATIENT).await;
    assert_eq!(counted, Ok(1_000));
    let asked = &cloud.asked()[0];
    assert_eq!(asked.path, format!("{PLACE}/count-tokens:rawPredict"));
    assert_eq!(
        (&asked.body["model"], &asked.body["anthropic_version"]),
        (&json!(SONNET), &json!("2026-10-21"))
    );
}

#[tokio::test]
async fn errors_are_read_in_anthropics_envelope_and_in_googles() {
    let cloud = Cloud::start().await;
    let sonnet = model(SONNET);
    let (seven, second) = (Duration::from_secs(7), Hint::Seconds(7));
    for (turn, kind, wait) in [
        (Turn::refuses(429).hint(second), FailureKind::RateLimited, Some(seven)),
        (Turn::refuses(429).hint(Hint::Body(seven)), FailureKind::RateLimited, Some(seven)),
        (Turn::refuses(400), FailureKind::Invalid, None),
        (Turn::refuses(401), FailureKind::Unauthorised, None),
        (Turn::refuses(402), FailureKind::Billing, None),
        (Turn::refuses(404), FailureKind::UnknownModel, None),
        (Turn::refuses(503).hint(Hint::Body(seven)), FailureKind::Unavailable, Some(seven)),
        (Turn::refuses(529), FailureKind::Unavailable, None),
    ] {
        let failure = cloud.whole(&sonnet, turn.clone()).await.unwrap_err();
        assert_eq!((failure.kind, failure.retry_after), (kind, wait), "{turn:?}");
        assert_eq!(cloud.stream(&sonnet, turn).await.1.unwrap_err(), failure);
    }
}

#[tokio::test]
async fn a_stream_of_claude_that_fails_is_charged_with_what_was_told() {
    let cloud = Cloud::start().await;
    let ten = || Answer { pieces: 10, ..Answer::text("0123456789") };
    for (turn, text, kind) in [
        (Turn::breaks_after(ten(), 4), "0123", FailureKind::Unavailable),
        (Turn::garbles_after(ten(), 4), "0123", FailureKind::Unavailable),
        (Turn::blocks(), "", FailureKind::Blocked),
    ] {
        let (before, end) = cloud.stream(&model(SONNET), turn.clone()).await;
        let failure = end.unwrap_err();
        assert_eq!((text_of(&before).as_str(), failure.kind), (text, kind), "{turn:?}");
        assert_eq!(failure.usage.map(|usage| (usage.fresh, usage.cache_read)), Some((600, 400)), "{turn:?}");
    }
    let (before, end) = cloud.stream(&model(SONNET), Turn::cuts_after(ten(), 4)).await;
    assert_eq!((text_of(&before).as_str(), end.unwrap_err().kind), ("0123", FailureKind::Unavailable));
}
