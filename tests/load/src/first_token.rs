//! How long the first token of an answer takes.

use anyhow::{Context, ensure};
use kernel::{Clock, SystemClock};
use reqwest::Client;
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};
use tokio::task::JoinSet;
use web::Patience;

/// So often are all streams opened; the first time warms up and does not count.
const ROUNDS: usize = 11;

/// What is asked, of whom, as whom.
pub(crate) struct Asked {
    pub(crate) url: String,
    pub(crate) body: String,
    pub(crate) token: String,
    pub(crate) workspace: Option<String>,
}

/// Prints the median.
pub(crate) async fn measure(asked: Asked, streams: usize) -> anyhow::Result<()> {
    let mut body: Value = serde_json::from_str(&asked.body)?;
    body["stream"] = json!(true);
    let asked = Arc::new(Asked { body: body.to_string(), ..asked });
    let client = web::client(Patience { connect: Duration::from_secs(5), total: Duration::from_secs(60) })?;
    let mut all = Vec::new();
    for round in 0..ROUNDS {
        let mut open = JoinSet::new();
        for _ in 0..streams {
            let (client, asked) = (client.clone(), Arc::clone(&asked));
            open.spawn(async move { first(&client, &asked).await });
        }
        while let Some(took) = open.join_next().await {
            let took = took??;
            if round > 0 {
                all.push(took);
            }
        }
    }
    all.sort_unstable();
    let middle = all.get(all.len() / 2).context("nothing was measured")?;
    println!("{:.3}", middle.as_secs_f64() * 1_000.0);
    Ok(())
}

async fn first(client: &Client, asked: &Asked) -> anyhow::Result<Duration> {
    let began = SystemClock.now();
    let request =
        client.post(&asked.url).bearer_auth(&asked.token).header("content-type", "application/json");
    let request = asked.workspace.iter().fold(request, |request, id| request.header("x-workspace-id", id));
    let mut answer = request.body(asked.body.clone()).send().await?.error_for_status()?;
    let (mut text, mut took) = (Vec::new(), None);
    while let Some(piece) = answer.chunk().await? {
        text.extend_from_slice(&piece);
        // The chunk before it has the role and an empty text.
        if took.is_none() && find(&text, b"\"content\":\"A") {
            took = Some(SystemClock.now().since(began));
        }
    }
    ensure!(text.ends_with(b"[DONE]\n\n"), "a stream broke off: {}", String::from_utf8_lossy(&text));
    took.context("a stream without a token")
}

fn find(text: &[u8], word: &[u8]) -> bool {
    text.windows(word.len()).any(|found| found == word)
}
