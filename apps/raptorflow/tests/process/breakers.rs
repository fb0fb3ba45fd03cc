//! What one server finds down the other leaves alone.

use super::{
    overspending::call,
    server::{Database, Server},
    tracing::{http, joined, making_a_workspace},
};
use fakes::{Fake, Turn};
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use servers::{Redis, until};

/// A question that nobody has asked before.
async fn ask(server: &Server, token: &str, n: u32) -> (u16, Value) {
    let question = json!({"model": "fast", "prompt": format!("Why, {n}?")});
    call(server, token, (Method::POST, "/api/v1/ai/generate"), &question).await
}

/// The failures that the server has seen itself, when it leaves the model alone.
async fn rests(server: &Server) -> Option<u64> {
    let told = http().get(format!("{}/health/detailed", server.base)).send().await.unwrap();
    let told: Value = told.json().await.unwrap();
    let mut breakers = told["breakers"].as_array().unwrap().iter();
    let breaker = breakers.find(|breaker| breaker["name"] == "ai.openai.gpt-6-luna")?;
    (breaker["state"] == "open").then(|| breaker["failures"].as_u64().unwrap())
}

#[tokio::test]
async fn a_model_that_one_server_finds_down_is_left_alone_by_the_other() {
    let folder = tempfile::tempdir().unwrap();
    let (fake, redis) = (Fake::start().await, Redis::start());
    let openai = format!("{}/v1", fake.url());
    let settings =
        [("OPENAI_API_KEY", "key"), ("OPENAI_BASE_URL", openai.as_str()), ("REDIS_URL", redis.url.as_str())];
    let database = Database::fresh(folder.path()).await;
    let servers = [database.server_with(&settings).await, database.server_with(&settings).await];
    let _worker = database.worker_with(&settings);
    let token = joined(&servers[0], folder.path()).await;
    making_a_workspace(&servers[0], &token).send().await.unwrap().error_for_status().unwrap();

    fake.play_always(Turn::refuses(500));
    for (status, problem) in join_all((0..5).map(|n| ask(&servers[0], &token, n))).await {
        assert_eq!((status, &problem["code"]), (503, &json!("provider_unavailable")), "{problem}");
    }
    assert_eq!([rests(&servers[0]).await, rests(&servers[1]).await], [Some(5), None]);
    let note = "EXISTS {raptorflow}:down:ai.openai.gpt-6-luna";
    until(async || redis.send::<bool>(note).await).await;

    // The other server's first call has it look at what others say; an answer would tell it more than they do.
    assert_eq!(ask(&servers[1], &token, 5).await.0, 503);
    until(async || rests(&servers[1]).await.is_some()).await;
    assert!(rests(&servers[1]).await.unwrap() < 5, "its own failures are not what opened it");
    fake.clear();
    let (status, problem) = ask(&servers[1], &token, 6).await;
    assert_eq!((status, &problem["code"]), (503, &json!("provider_unavailable")), "{problem}");
    assert!(fake.seen().is_empty(), "nobody was asked");
}
