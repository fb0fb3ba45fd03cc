use super::world::{World, question};
use fakes::{Answer, Turn};
use raptorflow::http::live::StreamLimits;
use serde_json::{Value, json};
use servers::until;
use std::time::Duration;

/// What the call cost in the end, once nothing is held any more.
async fn settled(world: &World) -> Value {
    let usage = || async { world.get("/api/v1/ai/usage").await };
    until(async || {
        let usage = usage().await;
        usage["reserved_usd"] == "0" && usage["spent_usd"] != "0"
    })
    .await;
    usage().await["spent_usd"].clone()
}

#[tokio::test]
async fn who_hangs_up_before_the_answer_ends_the_models_work_and_pays_for_the_question() {
    let world = World::new().await;
    world.fake.play(Turn::silent());
    let asking = world.post("/api/v1/ai/inference", question());
    tokio::select! {
        _ = asking => panic!("nobody answers"),
        () = world.fake.until_seen(1) => {}
    }
    world.fake.until_hang_ups(1).await;
    assert_eq!(settled(&world).await, json!("0.0000018"), "18 tokens by our own count");
    assert_eq!(world.fake.seen().len(), 1, "and nobody else is asked");
}

#[tokio::test]
async fn who_leaves_a_stream_ends_it_and_pays_for_what_came() {
    let world = World::new().await;
    world.fake.play(Turn::says(Answer {
        pieces: 1_000,
        pace: Duration::from_millis(20),
        ..Answer::text(&"word ".repeat(1_000))
    }));
    let mut asked = question();
    asked["stream"] = json!(true);
    let mut answer = world.stream(asked).await;
    assert!(answer.chunk().await.unwrap().is_some());
    drop(answer);
    world.fake.until_hang_ups(1).await;
    assert_ne!(settled(&world).await, json!("0"));
}

#[tokio::test]
async fn streams_take_places_and_leave_them() {
    let world = World::with(StreamLimits { caller: 1, ..StreamLimits::default() }).await;
    let slow =
        Answer { pieces: 1_000, pace: Duration::from_millis(20), ..Answer::text(&"word ".repeat(1_000)) };
    world.fake.play(Turn::says(slow));
    let mut asked = question();
    asked["stream"] = json!(true);
    let first = world.stream(asked.clone()).await;
    assert_eq!(first.status(), 200);
    let second = world.stream(asked.clone()).await;
    assert_eq!((second.status().as_u16(), world.fake.seen().len()), (429, 1), "no model was asked for it");
    drop(first);
    until(async || world.stream(asked.clone()).await.status() == 200).await;
}
