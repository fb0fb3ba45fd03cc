//! `raptorflow serve`: bind, say where, answer until told to stop, end gracefully.

use super::ending::Ending;
use crate::{
    application::{Application, Database},
    config::Config,
    server,
};
use anyhow::Context;
use tokio::sync::watch;

/// Serves the API at the configured address until the process is told to end; on an embedded database also does the
/// background work.
///
/// # Errors
/// When the database is not ready, the address can't be bound, or the server fails.
pub async fn run(config: &Config, demo_account: bool) -> anyhow::Result<()> {
    super::warn(config);
    let mut ending = Ending::listen()?;
    let opened = tokio::select! {
        opened = Application::open(config) => opened?,
        told = ending.told() => return Ok(told?),
    };
    let Application { api, worker, listener, hearing, looking, live, metrics, .. } = opened;
    let socket = server::listen((&config.http.host, config.http.port), "HOST, PORT")?;
    let running = server::start(server::Bounds::default(), socket, api)?;
    let (stop, stopped) = watch::channel(false);
    let embedded = Database::of(config).is_embedded();
    let working = embedded.then(|| tokio::spawn(async move { worker.run(stopped).await }));
    let beside = super::beside(listener, hearing, looking);
    tracing::info!(server.address = %running.address, "serving; API reference at /docs");
    let offering = async {
        if demo_account {
            super::demo_account::offer(config, &format!("http://{}", running.address)).await?;
        }
        std::future::pending::<anyhow::Result<()>>().await
    };
    tokio::select! {
        failed = offering => failed?,
        told = ending.told() => told?,
    }
    tracing::info!("ending: no new requests and jobs, running ones have {} s", server::GRACE.as_secs());
    live.end();
    stop.send_replace(true);
    let worked = async {
        match working {
            Some(working) => working.await,
            None => Ok(()),
        }
    };
    let (answered, worked) = tokio::join!(running.stop(), worked);
    drop(beside);
    metrics.end().await;
    worked.context("the worker failed")?;
    Ok(answered?)
}
