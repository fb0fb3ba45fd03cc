//! One file per command.

pub mod admin;
pub mod authorization;
pub mod config;
pub mod demo;
mod demo_account;
pub mod doctor;
mod ending;
pub mod errors;
pub mod migrate;
pub mod openapi;
pub mod routes;
pub mod serve;
pub mod worker;

use crate::application::{Hearing, Listener, Looking};
use std::convert::Infallible;
use std::io::{ErrorKind, Write};
use tokio::task::JoinSet;

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

/// What runs beside the work until the process ends.
type Beside = JoinSet<Infallible>;

/// Begins what there is of it; it ends when the answer is dropped.
fn beside(listener: Option<Listener>, hearing: Option<Hearing>, looking: Option<Looking>) -> Beside {
    let mut beside = Beside::new();
    listener.map(|listener| beside.spawn(listener.run()));
    hearing.map(|hearing| beside.spawn(hearing.run()));
    looking.map(|looking| beside.spawn(looking.run()));
    beside
}
