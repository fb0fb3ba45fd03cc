//! One file per command.

pub mod admin;
pub mod authorization;
pub mod config;
pub mod demo;
mod demo_account;
pub mod doctor;
pub mod errors;
pub mod migrate;
pub mod openapi;
pub mod routes;
pub mod serve;
pub mod worker;

use std::io::{ErrorKind, Write};

/// Prints to standard output. A reader that has seen enough (`| head`) is no error.
fn print(text: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

/// Says at the start what is worth saying about the configuration.
fn warn(config: &crate::config::Config) {
    for warning in &config.warnings {
        tracing::warn!("{warning}");
    }
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
