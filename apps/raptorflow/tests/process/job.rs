use super::server::Server;
use raptorflow::commands::demo::client::Client;
use serde_json::{Value, json};
use std::{collections::BTreeSet, path::Path};

pub(crate) const STEPS: &[(&str, &str)] = &[
    ("company", r#"{"name": "Nib & Quill", "mission": "Letters that are kept"}"#),
    ("offer", r#"{"summary": "Fountain pens that are refilled, not thrown away"}"#),
    (
        "audience",
        r#"[{"name": "Letter writer", "titles": ["Letter writer"], "pains": ["ink that fades"],
        "goals": ["letters that last"], "channels": ["Instagram", "email newsletter"], "priority": 1}]"#,
    ),
    ("channels", r#"[{"channel": "instagram"}, {"channel": "content"}]"#),
];

/// Executes a campaign and kills the server right after it said 202; after the restart the run ends, and everything is
/// there once.
pub(crate) async fn survives_a_kill(start: impl AsyncFn() -> Server, folder: &Path) {
    let mut server = start().await;
    let mut client = server.client(folder);
    client.join("ada@example.com", "correct horse battery").await.unwrap();
    let workspace = client.post("/api/v1/workspaces", &json!({"name": "Nib"})).await.unwrap();
    onboard(&client).await;
    let campaign = create_campaign(&client).await;
    let id = campaign["id"].as_str().unwrap();
    let queued = client.post(&format!("/api/v1/campaigns/execute/{id}"), &json!({})).await.unwrap();
    assert_eq!(queued["status"], "queued");
    server.kill();
    drop(server);

    let server = start().await;
    client.move_to(&server.base);
    let run = format!("/api/v1/agents/runs/{}", queued["run_id"].as_str().unwrap());
    let run =
        client.poll(&run, |run| run["status"] == "completed" || run["status"] == "failed").await.unwrap();
    assert_eq!(run["status"], "completed", "{run}");
    let moves = client.all(&format!("/api/v1/campaigns/{id}/moves")).await.unwrap();
    let titles: BTreeSet<_> = moves.iter().map(|m| m["title"].as_str().unwrap()).collect();
    assert!(moves.len() >= 4, "{} moves", moves.len());
    assert_eq!(titles.len(), moves.len(), "no move is there twice");
    let agents = client.get("/api/v1/agents").await.unwrap();
    assert_eq!(agents["items"].as_array().unwrap().len(), 7);
    let first = moves[0]["id"].as_str().unwrap();
    let started = client.post(&format!("/api/v1/moves/{first}/start"), &json!({})).await.unwrap();
    assert_eq!(started["status"], "in_progress");
    assert_eq!(client.get(&format!("/api/v1/campaigns/{id}")).await.unwrap()["status"], "active");
    let path = format!("/api/v1/bcm/{}/integrity", workspace["id"].as_str().unwrap());
    assert_eq!(client.get(&path).await.unwrap(), json!({"ok": true, "checked_versions": 1}));
}

pub(crate) async fn onboard(client: &Client) {
    let session = client.post("/api/v1/onboarding/session", &json!({})).await.unwrap();
    let id = session["id"].as_str().unwrap();
    let path = format!("/api/v1/onboarding/session/{id}");
    for (step, answers) in STEPS {
        let answers: Value = serde_json::from_str(answers).unwrap();
        client.put(&path, &json!({"step": step, "answers": answers})).await.unwrap();
        client.post(&format!("{path}/complete"), &json!({"step": step})).await.unwrap();
    }
    client.post("/api/v1/onboarding/finalize", &json!({"session_id": id})).await.unwrap();
}

pub(crate) async fn create_campaign(client: &Client) -> Value {
    let today = client.get("/api/v1/daily-wins").await.unwrap()["date"].as_str().unwrap().to_owned();
    let tomorrow = today.parse::<kernel::Date>().unwrap().tomorrow().unwrap();
    let ends_on = (0..27).fold(tomorrow, |day, _| day.tomorrow().unwrap());
    let new = json!({"name": "Spring", "goal": "More letters", "channels": ["instagram", "content"],
        "starts_on": tomorrow, "ends_on": ends_on});
    client.post("/api/v1/campaigns/create", &new).await.unwrap()
}
