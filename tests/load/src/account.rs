//! Somebody to measure as.

use anyhow::Context;
use kernel::Environment;
use raptorflow::commands::demo::client::Client;
use reqwest::RequestBuilder;
use serde_json::{Value, json};
use std::{path::PathBuf, time::Duration};
use web::Patience;

pub(crate) const PASSWORD: &str = "correct horse battery";

fn http() -> anyhow::Result<reqwest::Client> {
    let patience = Patience { connect: Duration::from_secs(5), total: Duration::from_secs(30) };
    Ok(web::client(patience)?)
}

async fn answer(request: RequestBuilder) -> anyhow::Result<Value> {
    Ok(request.send().await?.error_for_status()?.json().await?)
}

fn text(value: &Value, name: &str) -> anyhow::Result<String> {
    value[name].as_str().map(ToOwned::to_owned).with_context(|| format!("no `{name}` in {value}"))
}

/// Makes the account and its workspaces.
pub(crate) async fn make(base: &str, outbox: PathBuf, workspaces: usize) -> anyhow::Result<()> {
    let email = format!("bench-{}@example.com", Environment::system().ids.uuid().simple());
    Client::new(base, outbox)?.join(&email, PASSWORD).await?;
    let http = http()?;
    let login = json!({"email": email, "password": PASSWORD});
    let login = answer(http.post(format!("{base}/api/v1/auth/login")).json(&login)).await?;
    let token = text(&login, "access_token")?;
    println!("{token}\n{}", text(&login["user"], "id")?);
    for n in 0..workspaces {
        let new = http.post(format!("{base}/api/v1/workspaces")).json(&json!({"name": format!("Bench {n}")}));
        println!("{}", text(&answer(new.bearer_auth(&token)).await?, "id")?);
    }
    Ok(())
}

/// Walks to the page, a hundred at a time.
pub(crate) async fn cursor(base: &str, token: &str, workspace: &str, page: usize) -> anyhow::Result<()> {
    let (http, mut cursor) = (http()?, String::new());
    for _ in 0..(page - 1) * 20 / 100 {
        let url = format!("{base}/api/v1/campaigns/list?limit=100{cursor}");
        let read = http.get(url).bearer_auth(token).header("X-Workspace-Id", workspace);
        cursor = format!("&cursor={}", text(&answer(read).await?, "next_cursor")?);
    }
    println!("{}", cursor.trim_start_matches("&cursor="));
    Ok(())
}
