//! PostgreSQL ends without a word and comes back: the processes that there are say so meanwhile and go on by themselves.

use super::{
    cut_off::{EMAIL, PASSWORD, SETTINGS, access_token},
    gate::Gate,
    job::{create_campaign, onboard},
    server::{Database, Server},
    tracing::{http, making_a_workspace},
};
use reqwest::{RequestBuilder, StatusCode, header::RETRY_AFTER};
use serde_json::{Value, json};
use servers::{Postgres, until};

fn probe(process: &Server, path: &str) -> RequestBuilder {
    http().get(format!("{}{path}", process.base))
}

/// The caller is told to come again, by this code.
async fn is_told(request: RequestBuilder, code: &str) {
    let answer = request.send().await.unwrap();
    let (status, again) = (answer.status(), answer.headers().get(RETRY_AFTER).cloned());
    let problem: Value = answer.json().await.unwrap();
    assert_eq!((status, &problem["code"]), (StatusCode::SERVICE_UNAVAILABLE, &code.into()), "{problem}");
    assert!(again.is_some_and(|again| again != "0"), "{problem}");
}

#[tokio::test]
async fn postgresql_crashes_and_comes_back_and_the_same_processes_go_on_and_miss_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let postgres = Postgres::start();
    let database = Database::of(&postgres, folder.path()).await;
    let processes = [database.server_with(&SETTINGS).await, database.worker_that_tells().await];
    let server = &processes[0];
    let mut client = server.client(folder.path());
    client.join(EMAIL, PASSWORD).await.unwrap();
    client.post("/api/v1/workspaces", &json!({"name": "Nib"})).await.unwrap();
    onboard(&client).await;
    let campaign = create_campaign(&client).await;
    let token = access_token(server).await;
    // Nobody takes the run before the crash.
    let _gate = Gate::before("update on jobs", "new.kind = 'agents.run'", &database).await;
    let path = format!("/api/v1/campaigns/execute/{}", campaign["id"].as_str().unwrap());
    let run = client.post(&path, &json!({})).await.unwrap();

    postgres.crash();
    let me = probe(server, "/api/v1/users/me").bearer_auth(&token);
    is_told(me, "unavailable").await;
    is_told(making_a_workspace(server, &token), "unavailable").await;
    for process in &processes {
        // What was found out a moment ago still holds.
        until(async || probe(process, "/health/ready").send().await.unwrap().status() != StatusCode::OK)
            .await;
        is_told(probe(process, "/health/ready"), "not_ready").await;
        assert_eq!(probe(process, "/health/live").send().await.unwrap().status(), StatusCode::OK);
    }

    postgres.come_back();
    for process in &processes {
        let ready = async || probe(process, "/health/ready").send().await.unwrap().status() == StatusCode::OK;
        until(ready).await;
    }
    let path = format!("/api/v1/campaigns/{}", campaign["id"].as_str().unwrap());
    assert_eq!(client.get(&path).await.unwrap()["name"], campaign["name"], "what was acknowledged is there");
    let run = format!("/api/v1/agents/runs/{}", run["run_id"].as_str().unwrap());
    let run = client.poll(&run, |run| run["status"] != "queued" && run["status"] != "running").await.unwrap();
    assert_eq!(run["status"], "completed", "{run}");
    // Whose mail is a job of its own.
    server.client(folder.path()).join("grace@example.com", PASSWORD).await.unwrap();
}
