//! The server's life: bind, say where, answer until told to stop, end gracefully.

use crate::{config::Config, http::Api, server};
use anyhow::Context;
use std::net::TcpListener;

/// Serves `api` at the configured address until the process is told to end.
///
/// # Errors
/// When the address can't be bound, or the server fails.
pub async fn serve(config: &Config, api: Api) -> anyhow::Result<()> {
    let place = (config.http.host.as_str(), config.http.port);
    let listener =
        TcpListener::bind(place).with_context(|| format!("can't listen on {}:{}", place.0, place.1))?;
    let running = server::start(listener, api)?;
    tracing::info!(server.address = %running.address, "serving {}", config.http.public_url);
    told_to_end().await?;
    tracing::info!("ending: no new requests, running ones have {} s", server::GRACE.as_secs());
    running.stop().await?;
    Ok(())
}

/// Returns at the first interrupt or termination signal.
async fn told_to_end() -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate())?;
        tokio::select! {
            interrupted = tokio::signal::ctrl_c() => interrupted,
            _ = terminate.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}
