//! A hundred callers at once, whose budget is enough for a few of them.

use super::{
    server::{Database, Server},
    tracing::{http, joined, making_a_workspace},
};
use fakes::{Answer, Fake, Tokens, Turn};
use futures_util::future::join_all;
use kernel::PicoUsd;
use reqwest::Method;
use serde_json::{Value, json};
use std::{collections::BTreeMap, path::Path, time::Duration};

const CALLERS: usize = 100;
const LIMIT: &str = "0.005";

/// A server's settings, which lead to the fake and stand in nobody's way.
fn settings(openai: &str) -> [(&str, &str); 4] {
    [
        ("OPENAI_API_KEY", "key"),
        ("OPENAI_BASE_URL", openai),
        ("RATE_LIMIT_PER_MINUTE", "1000000"),
        ("RATE_LIMIT_AI_PER_MINUTE", "1000000"),
    ]
}

/// A provider that takes its time, so that all callers are there before the first has its answer.
async fn provider() -> (Fake, String) {
    let fake = Fake::start().await;
    // No more than the question and the answer are, as real providers count.
    let tokens = Tokens { fresh: 8, read: 0, output: 180, reasoning: 178 };
    let answer = Answer { tokens, ..Answer::text("Because.") };
    fake.play_always(Turn::says(answer).after(Duration::from_millis(500)));
    let base = format!("{}/v1", fake.url());
    (fake, base)
}

pub(crate) async fn call(
    server: &Server,
    token: &str,
    (method, path): (Method, &str),
    body: &Value,
) -> (u16, Value) {
    let request = http().request(method, format!("{}{path}", server.base)).bearer_auth(token).json(body);
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

/// All of them ask, each at the next server. Whoever gets an answer pays for it, the budget is not overdrawn, and nothing stays held.
async fn hold_to_the_budget(servers: &[&Server], folder: &Path, fake: &Fake) {
    let token = joined(servers[0], folder).await;
    let made = making_a_workspace(servers[0], &token).send().await.unwrap();
    let made: Value = made.json().await.unwrap();
    let path = format!("/api/v1/workspaces/{}/budget", made["id"].as_str().unwrap());
    let set = call(servers[0], &token, (Method::PUT, &path), &json!({ "limit_usd": LIMIT })).await;
    assert_eq!(set.0, 200, "{}", set.1);
    let calls = (0..CALLERS).map(|caller| {
        let question =
            json!({"model": "fast", "prompt": format!("Why, {caller}?"), "max_output_tokens": 200});
        let (server, token) = (servers[caller % servers.len()], &token);
        async move { call(server, token, (Method::POST, "/api/v1/ai/generate"), &question).await }
    });
    let (mut ends, mut cost) = (BTreeMap::<u16, usize>::new(), PicoUsd::ZERO);
    for (status, body) in join_all(calls).await {
        *ends.entry(status).or_default() += 1;
        if status == 200 {
            cost = cost.checked_add(body["cost_usd"].as_str().unwrap().parse().unwrap()).unwrap();
        } else {
            assert_eq!(body["code"], "budget_exceeded", "{body}");
        }
    }
    let answered = ends[&200];
    assert!(answered >= 3 && ends.len() == 2, "some are answered, the others refused: {ends:?}");
    assert_eq!(fake.seen().len(), answered, "who is refused asks nobody");
    let (_, usage) = call(servers[0], &token, (Method::GET, "/api/v1/ai/usage"), &Value::Null).await;
    let spent: PicoUsd = usage["spent_usd"].as_str().unwrap().parse().unwrap();
    assert_eq!((spent, &usage["reserved_usd"]), (cost, &json!("0")), "{ends:?}");
    assert!(spent <= LIMIT.parse().unwrap(), "{spent}");
}

#[tokio::test]
async fn a_hundred_callers_do_not_overdraw_the_budget_of_an_embedded_server() {
    let folder = tempfile::tempdir().unwrap();
    let (fake, openai) = provider().await;
    let server = Server::embedded_with(folder.path(), &settings(&openai)).await;
    hold_to_the_budget(&[&server], folder.path(), &fake).await;
}

#[tokio::test]
async fn a_hundred_callers_of_two_servers_do_not_overdraw_the_budget_at_their_database() {
    let folder = tempfile::tempdir().unwrap();
    let (fake, openai) = provider().await;
    let database = Database::fresh(folder.path()).await;
    let settings = settings(&openai);
    let servers = [database.server_with(&settings).await, database.server_with(&settings).await];
    let _worker = database.worker_with(&settings);
    hold_to_the_budget(&[&servers[0], &servers[1]], folder.path(), &fake).await;
}
