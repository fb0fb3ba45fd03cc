//! Two servers that share a Redis are asked the same question at the same time.

use super::{
    overspending::call,
    server::{Database, Server},
    tracing::{joined, making_a_workspace},
};
use fakes::{Answer, Fake, Turn};
use reqwest::Method;
use serde_json::{Value, json};
use servers::Redis;
use std::time::Duration;

/// Asks both at once; what they answer, the paid answer first.
async fn ask_both(servers: &[Server; 2], token: &str, prompt: &str) -> [Value; 2] {
    let question = json!({"model": "fast", "prompt": prompt});
    let ask = async |server| call(server, token, (Method::POST, "/api/v1/ai/generate"), &question).await;
    let (one, other) = tokio::join!(ask(&servers[0]), ask(&servers[1]));
    let mut answers = [one, other].map(|(status, body)| {
        assert_eq!(status, 200, "{body}");
        body
    });
    answers.sort_by_key(|answer| answer["cached"].as_bool());
    answers
}

#[tokio::test]
async fn a_question_to_two_servers_at_once_is_paid_once_and_without_redis_both_answer_all_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let (fake, database, mut redis) =
        (Fake::start().await, Database::fresh(folder.path()).await, Redis::start());
    // Long enough for the second question to come before the first is answered.
    fake.play_always(Turn::says(Answer::text("Because.")).after(Duration::from_secs(2)));
    let openai = format!("{}/v1", fake.url());
    let settings =
        [("REDIS_URL", redis.url.as_str()), ("OPENAI_API_KEY", "key"), ("OPENAI_BASE_URL", openai.as_str())];
    let servers = [database.server_with(&settings).await, database.server_with(&settings).await];
    let _worker = database.worker_with(&settings);
    let token = joined(&servers[0], folder.path()).await;
    making_a_workspace(&servers[0], &token).send().await.unwrap().error_for_status().unwrap();

    let [paid, saved] = ask_both(&servers, &token, "Why so blue?").await;
    assert_eq!(fake.seen().len(), 1, "one of them asks the provider");
    assert_eq!((&paid["cached"], &saved["cached"]), (&json!(false), &json!(true)));
    assert_eq!(paid["text"], saved["text"]);

    redis.stop();
    for answer in ask_both(&servers, &token, "Why so green?").await {
        assert_eq!(answer["cached"], false, "{answer}");
    }
}
