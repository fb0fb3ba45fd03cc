use super::{Cloud, NOW, PATIENT, USUAL, calling, header, model, request, streamed, text_of};
use agents::{
    dispatch::{FailureKind, Finish, Part},
    ports::models::{Deadlines, LanguageModel},
};
use fakes::{Answer, Fake, Hint, Turn};
use kernel::testing::ManualClock;
use models::Caller;
use serde_json::json;
use std::{sync::Arc, time::Duration};
use vertex::{Access, Vertex};

const FLASH: &str = "gemini-3.8-flash";
const PLACE: &str = "/v1/projects/p1/locations/us-central1/publishers/google/models";

fn express(fake: &Fake) -> Vertex {
    let access = Access::express(&"secret".into()).unwrap();
    Vertex::new(Caller::new(Arc::new(ManualClock::at(NOW))).unwrap(), access, Some(fake.url()))
}

#[tokio::test]
async fn a_service_account_asks_in_its_project_with_its_token() {
    let cloud = Cloud::start().await;
    let reply = cloud.whole(&model(FLASH), Turn::default()).await.unwrap();
    assert_eq!(reply.parts, [Part::Text("The answer.".to_owned())]);
    assert_eq!((reply.finish, reply.usage), (Finish::Stop, Some(USUAL)));
    assert_eq!(reply.served_by.as_deref(), Some(FLASH));
    cloud.stream(&model(FLASH), Turn::default()).await.1.unwrap();
    let [whole, streamed] = &cloud.asked()[..] else { panic!("two") };
    assert_eq!(whole.path, format!("{PLACE}/{FLASH}:generateContent"));
    assert_eq!(streamed.path, format!("{PLACE}/{FLASH}:streamGenerateContent?alt=sse"));
    assert_eq!(header(whole, "authorization"), Some("Bearer token-1"));
    assert_eq!((header(whole, "x-goog-api-key"), header(whole, "x-goog-user-project")), (None, None));
    assert_eq!(whole.body, streamed.body);
    assert_eq!(whole.body["systemInstruction"]["parts"][0]["text"], "Be brief.");
    assert_eq!(whole.body["generationConfig"]["maxOutputTokens"], 512);
    assert!(cloud.vertex.is_regional(&model(FLASH)));
}

#[tokio::test]
async fn another_project_pays_where_the_key_file_names_one() {
    let cloud = Cloud::with(json!({"quota_project_id": "payer"})).await;
    cloud.whole(&model(FLASH), Turn::default()).await.unwrap();
    assert_eq!(header(&cloud.asked()[0], "x-goog-user-project"), Some("payer"));
}

#[tokio::test]
async fn an_express_key_asks_without_a_project() {
    let fake = Fake::start().await;
    let vertex = express(&fake);
    let reply = vertex.generate(&model(FLASH), &request(), PATIENT).await.unwrap();
    assert_eq!((reply.text().as_str(), reply.usage), ("The answer.", Some(USUAL)));
    assert_eq!(streamed(&vertex, &model(FLASH)).await.1.unwrap().text(), "The answer.");
    let refused = vertex.generate(&model("claude-sonnet-5-5"), &request(), PATIENT).await.unwrap_err();
    assert_eq!(refused.kind, FailureKind::UnknownModel);
    let [whole, streamed] = &fake.seen()[..] else { panic!("Claude is not asked") };
    assert_eq!(whole.path, format!("/v1/publishers/google/models/{FLASH}:generateContent"));
    assert_eq!(streamed.path, format!("/v1/publishers/google/models/{FLASH}:streamGenerateContent?alt=sse"));
    assert_eq!((header(whole, "x-goog-api-key"), header(whole, "authorization")), (Some("secret"), None));
    assert!(!vertex.is_regional(&model(FLASH)));
}

#[tokio::test]
async fn a_streamed_answer_of_gemini_ends_as_the_same_one_that_came_whole() {
    let long = Answer { length: true, ..Answer::text("Viele Grüße 🙂.") };
    for answer in [Answer::default(), calling(), long] {
        // Its ids tell the number of the answer, so each has a fake of its own.
        let whole = Cloud::start().await.whole(&model(FLASH), Turn::says(answer.clone())).await.unwrap();
        for split_bytes in [None, Some(1), Some(7)] {
            let turn = Turn::says(Answer { split_bytes, ..answer.clone() });
            let (deltas, reply) = Cloud::start().await.stream(&model(FLASH), turn).await;
            assert_eq!(reply.unwrap(), whole, "in pieces of {split_bytes:?}");
            assert_eq!(text_of(&deltas), whole.text());
        }
    }
}

#[tokio::test]
async fn vectors_come_in_each_of_the_three_shapes() {
    let cloud = Cloud::start().await;
    let (a, b) = (["a".to_owned()], ["b".to_owned(), "a".to_owned()]);
    for (id, texts, method, spent) in [
        ("text-embedding-005", &a[..], "predict", Some(1)),
        ("text-embedding-005", &b[..], "predict", Some(2)),
        ("gemini-embedding-001", &a[..], "embedContent", Some(1)),
        ("gemini-embedding-001", &b[..], "batchEmbedContents", None),
    ] {
        let made = cloud.vertex.embed(&model(id), texts, PATIENT).await.unwrap();
        assert_eq!((made.vectors.len(), made.vectors[0].len()), (texts.len(), 8), "{id} {method}");
        let one = cloud.vertex.embed(&model("text-embedding-005"), &a, PATIENT).await.unwrap();
        assert_eq!(made.vectors.last(), one.vectors.first(), "{id} {method}");
        assert_eq!(made.usage.map(|usage| usage.fresh), spent, "{id} {method}");
        let asked = cloud.asked();
        let path = asked.iter().rev().nth(1).map(|seen| seen.path.clone());
        assert_eq!(path, Some(format!("{PLACE}/{id}:{method}")));
    }
}

#[tokio::test]
async fn a_count_is_all_of_the_prompt() {
    let cloud = Cloud::start().await;
    let counted = cloud.vertex.count(&model(FLASH), &request(), PATIENT).await;
    assert_eq!(counted, Ok(1_000));
    assert_eq!(cloud.asked()[0].path, format!("{PLACE}/{FLASH}:countTokens"));
}

#[tokio::test]
async fn faults_of_gemini_are_told_apart() {
    let cloud = Cloud::start().await;
    let flash = model(FLASH);
    for (status, kind) in [
        (400, FailureKind::Invalid),
        (401, FailureKind::Unauthorised),
        (403, FailureKind::Unauthorised),
        (404, FailureKind::UnknownModel),
        (503, FailureKind::Unavailable),
    ] {
        assert_eq!(cloud.whole(&flash, Turn::refuses(status)).await.unwrap_err().kind, kind, "{status}");
        assert_eq!(cloud.stream(&flash, Turn::refuses(status)).await.1.unwrap_err().kind, kind, "{status}");
    }
    for hint in [Hint::Seconds(7), Hint::Millis(7_000), Hint::Body(Duration::from_secs(7))] {
        let failure = cloud.whole(&flash, Turn::refuses(429).hint(hint)).await.unwrap_err();
        let wait = Some(Duration::from_secs(7));
        assert_eq!((failure.kind, failure.retry_after), (FailureKind::RateLimited, wait));
    }
    let blocked = cloud.whole(&flash, Turn::blocks()).await.unwrap_err();
    let spent = blocked.usage.map(|usage| (usage.input(), usage.output));
    assert_eq!((blocked.kind, spent), (FailureKind::Blocked, Some((1_000, 0))));
    let failure = cloud.whole(&flash, Turn::resets()).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Unreachable, "{failure}");
}

#[tokio::test]
async fn a_stream_of_gemini_that_fails_midway_is_charged_with_nothing_that_was_not_told() {
    let cloud = Cloud::start().await;
    let ten = || Answer { pieces: 10, ..Answer::text("0123456789") };
    for turn in [Turn::breaks_after(ten(), 4), Turn::cuts_after(ten(), 4), Turn::garbles_after(ten(), 4)] {
        let (before, end) = cloud.stream(&model(FLASH), turn.clone()).await;
        let failure = end.unwrap_err();
        assert_eq!((text_of(&before).as_str(), failure.kind), ("0123", FailureKind::Unavailable), "{turn:?}");
        assert_eq!((failure.usage, before.len()), (None, 4), "{turn:?}");
    }
}

#[tokio::test]
async fn a_silent_model_is_given_up_and_notices_it() {
    let cloud = Cloud::start().await;
    cloud.fake.play_always(Turn::silent());
    let short = Duration::from_millis(100);
    let (first, total) = (Deadlines { first_token: short, ..PATIENT }, Deadlines { total: short, ..PATIENT });
    let streamed = cloud.vertex.stream(&model(FLASH), &request(), first).await;
    assert_eq!(streamed.err().map(|failure| failure.kind), Some(FailureKind::TimedOut));
    cloud.fake.until_hang_ups(1).await;
    let whole = cloud.vertex.generate(&model(FLASH), &request(), total).await.unwrap_err();
    assert_eq!(whole.kind, FailureKind::TimedOut);
    cloud.fake.until_hang_ups(2).await;
}
