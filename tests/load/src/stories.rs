//! The main job over HTTP, again and again: the mixed load of the soak.

use crate::account::PASSWORD;
use anyhow::{Context, ensure};
use kernel::{Clock, Environment, SystemClock};
use raptorflow::commands::demo::client::Client;
use serde_json::{Value, json};
use std::{path::Path, time::Duration};
use tokio::task::JoinSet;

const BUSINESS: &str = include_str!("../../../apps/raptorflow/data/demo-brief.json");

/// Lets people go through it until the time is over.
pub(crate) async fn tell(base: &str, outbox: &Path, seconds: u64, people: usize) -> anyhow::Result<()> {
    let end = SystemClock.now().plus(Duration::from_secs(seconds));
    let mut telling = JoinSet::new();
    for _ in 0..people {
        let (base, outbox) = (base.to_owned(), outbox.to_owned());
        telling.spawn(async move {
            let mut told = 0_u64;
            while SystemClock.now() < end {
                story(&base, &outbox).await?;
                told += 1;
            }
            Ok::<_, anyhow::Error>(told)
        });
    }
    let mut told = 0;
    while let Some(one) = telling.join_next().await {
        told += one??;
    }
    println!("{told}");
    Ok(())
}

async fn story(base: &str, outbox: &Path) -> anyhow::Result<()> {
    let mut client = Client::new(base, outbox.to_owned())?;
    let email = format!("story-{}@example.com", Environment::system().ids.uuid().simple());
    client.join(&email, PASSWORD).await?;
    client.post("/api/v1/workspaces", &json!({"name": "Story"})).await?;
    let seated = |agents: &Value| agents["items"].as_array().is_some_and(|lords| lords.len() == 7);
    client.poll("/api/v1/agents", seated).await?;
    onboard(&client).await?;
    let today = client.get("/api/v1/daily-wins").await?["date"].clone();
    let starts_on: kernel::Date = today.as_str().context("no day")?.parse()?;
    let ends_on = (0..27).try_fold(starts_on, |day, _| day.tomorrow())?;
    let new = json!({"name": "Spring", "goal": "More letters", "channels": ["instagram", "content"],
        "starts_on": starts_on, "ends_on": ends_on});
    let campaign = client.post("/api/v1/campaigns/create", &new).await?;
    let id = campaign["id"].as_str().context("no id")?;
    let run = client.post(&format!("/api/v1/campaigns/execute/{id}"), &json!({})).await?;
    let run = format!("/api/v1/agents/runs/{}", run["run_id"].as_str().context("no run")?);
    let over = |run: &Value| matches!(run["status"].as_str(), Some("completed" | "failed"));
    let run = client.poll(&run, over).await?;
    ensure!(run["status"] == "completed", "the run failed: {run}");
    let moves = client.all(&format!("/api/v1/campaigns/{id}/moves")).await?;
    ensure!(!moves.is_empty(), "no moves");
    client.get("/api/v1/daily-wins").await?;
    client.all("/api/v1/jobs").await?;
    Ok(())
}

async fn onboard(client: &Client) -> anyhow::Result<()> {
    let brief = bcm::split_brief(&serde_json::from_str(BUSINESS)?).ok().context("no brief")?;
    let session = client.post("/api/v1/onboarding/session", &json!({})).await?;
    let id = session["id"].as_str().context("no id")?;
    let path = format!("/api/v1/onboarding/session/{id}");
    for (step, answers) in &brief.answers {
        client.put(&path, &json!({"step": step, "answers": answers})).await?;
        client.post(&format!("{path}/complete"), &json!({"step": step})).await?;
    }
    client.post("/api/v1/onboarding/finalize", &json!({"session_id": id})).await?;
    Ok(())
}
