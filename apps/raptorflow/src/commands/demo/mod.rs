//! `raptorflow demo`: drives the main job over real HTTP, against a server of its own that is gone afterwards.

pub mod client;
mod report;
mod story;

use crate::{
    application::{Application, outbox},
    config::Config,
    server,
};
use anyhow::{Context, ensure};
use bcm::Brief;
use client::Client;
use serde_json::Value;
use std::{net::TcpListener, path::Path};
use story::Story;
use tokio::sync::watch;

/// The business that is shown when none is named.
const BUSINESS: &str = include_str!("../../../data/demo-brief.json");

/// Runs the main job for the business in `brief` and prints what came of it.
///
/// # Errors
/// When the brief can't be read, or anything on the way fails.
pub async fn run(brief: Option<&Path>, json: bool) -> anyhow::Result<()> {
    let brief = read(brief)?;
    for key in &brief.unknown {
        note(&format!("the brief's `{key}` is no onboarding step and was left out"))?;
    }
    let folder = tempfile::tempdir()?;
    let settings = [
        ("DATA_DIR", folder.path().display().to_string()),
        ("PORT", "0".to_owned()),
        // The story is told faster than a person would.
        ("RATE_LIMIT_PER_MINUTE", "6000".to_owned()),
    ];
    let config =
        Config::parse(&settings.map(|(name, value)| (name.to_owned(), value)).into_iter().collect())?;
    let Application { api, worker, .. } = Application::open(&config).await?;
    let running = server::start(server::Bounds::default(), TcpListener::bind("127.0.0.1:0")?, api)?;
    let (stop, stopped) = watch::channel(false);
    let working = tokio::spawn(async move { worker.run(stopped).await });
    let client = Client::new(&format!("http://{}", running.address), outbox(&config))?;
    let outcome = Story::new(client).tell(&brief).await;
    stop.send_replace(true);
    running.stop().await?;
    working.await.context("the worker failed")?;
    let outcome = outcome?;
    super::print(&if json { format!("{outcome:#}\n") } else { report::text(&outcome) })
}

fn read(path: Option<&Path>) -> anyhow::Result<Brief> {
    let text = match path {
        Some(path) => {
            std::fs::read_to_string(path).with_context(|| format!("can't read {}", path.display()))?
        }
        None => BUSINESS.to_owned(),
    };
    let name = path.map_or_else(|| "the built-in brief".to_owned(), |path| path.display().to_string());
    let value: Value = serde_json::from_str(&text).with_context(|| format!("{name} is not JSON"))?;
    let brief = bcm::split_brief(&value).ok().with_context(|| format!("{name} is not a JSON object"))?;
    ensure!(!brief.answers.is_empty(), "{name} has no onboarding step");
    Ok(brief)
}

/// Tells something beside the outcome, which alone goes to standard output.
fn note(text: &str) -> std::io::Result<()> {
    use std::io::Write;
    writeln!(std::io::stderr(), "{text}")
}
