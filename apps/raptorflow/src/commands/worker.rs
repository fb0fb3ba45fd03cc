//! `raptorflow worker`: does the background work, beside any number of others.

use super::ending::Ending;
use crate::{
    application::Application,
    config::Config,
    http::Api,
    server::{self, Bounds, Running},
};
use anyhow::Context;
use tokio::sync::watch;

/// Works until the process is told to end, then ends the running jobs, or hands them back. With a `WORKER_PORT` it tells
/// probes and operators there how it does, until it is told to end.
///
/// # Errors
/// When the database is not ready, or the address can't be bound.
pub async fn run(config: &Config) -> anyhow::Result<()> {
    super::warn(config);
    let mut ending = Ending::listen()?;
    let opened = tokio::select! {
        opened = Application::open(config) => opened?,
        told = ending.told() => return Ok(told?),
    };
    let Application { api, worker, listener, looking, metrics, .. } = opened;
    let told_of = tell_of(config, api)?;
    let (stop, stopped) = watch::channel(false);
    let beside = super::beside(listener, None, looking);
    let working = tokio::spawn(async move { worker.run(stopped).await });
    ending.told().await?;
    stop.send_replace(true);
    drop(beside);
    let untold = async {
        match told_of {
            Some(running) => running.stop().await,
            None => Ok(()),
        }
    };
    let (worked, untold) = tokio::join!(working, untold);
    metrics.end().await;
    worked.context("the worker failed")?;
    Ok(untold?)
}

fn tell_of(config: &Config, api: Api) -> anyhow::Result<Option<Running>> {
    let Some(port) = config.http.worker_port else { return Ok(None) };
    let socket = server::listen((&config.http.host, port), "HOST, WORKER_PORT")?;
    let running = server::start(Bounds { threads: 1, ..Bounds::default() }, socket, api.of_operators()?)?;
    tracing::info!(server.address = %running.address, "working; /health and /metrics tell how");
    Ok(Some(running))
}
