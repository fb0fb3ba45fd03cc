//! `raptorflow worker`: does the background work, beside any number of others.

use super::ending::Ending;
use crate::{application::Application, config::Config, server};
use anyhow::Context;
use tokio::{sync::watch, task::JoinHandle};

/// Works until the process is told to end, then ends the running jobs.
///
/// # Errors
/// When the database is not ready.
pub async fn run(config: &Config) -> anyhow::Result<()> {
    super::warn(config);
    let mut ending = Ending::listen()?;
    let opened = tokio::select! {
        opened = Application::open(config) => opened?,
        told = ending.told() => return Ok(told?),
    };
    let Application { worker, listener, looking, metrics, .. } = opened;
    let (stop, stopped) = watch::channel(false);
    let beside = super::beside(listener, None, looking);
    let working = tokio::spawn(async move { worker.run(stopped).await });
    ending.told().await?;
    stop.send_replace(true);
    drop(beside);
    let worked = wait_for(working).await;
    metrics.end().await;
    worked
}

/// Gives running jobs the same grace as requests; what is not done by then is handed back when its lease runs out.
pub(super) async fn wait_for(working: JoinHandle<()>) -> anyhow::Result<()> {
    match tokio::time::timeout(server::GRACE, working).await {
        Ok(ended) => ended.context("the worker failed"),
        Err(_) => {
            tracing::warn!("jobs were still running; they are handed back");
            Ok(())
        }
    }
}
