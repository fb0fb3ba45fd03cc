//! A fact through the outbox, the bus and a worker, and back.

use crate::{
    application::{Application, Database},
    config::Config,
    worker::{Smoke, Worker},
};
use kernel::EventId;
use std::time::Duration;
use tokio::{sync::watch, time::Instant};

/// How long the way may take. A worker that waits for its next look at the outbox, the bus and the queue needs two seconds.
const PATIENCE: Duration = Duration::from_secs(15);
/// Between two looks for what came back.
const LOOK: Duration = Duration::from_millis(100);

/// Tries it, with the workers that are there. Where nobody serves an embedded database, whose server is its worker, it
/// does the work for this fact, and for none else, itself.
pub(super) async fn run(config: &Config) -> Result<String, String> {
    match Database::of(config).pending().await {
        Ok(pending) if pending.is_empty() => {}
        _ => return Ok("not tried, as the schema is not there".to_owned()),
    }
    let Application { worker, smoke, .. } =
        Application::open(config).await.map_err(|error| format!("{error:#}"))?;
    let is_worked_for = smoke.is_worked_for().await.map_err(|error| error.to_string())?;
    if is_worked_for {
        return to_and_fro(&smoke, "a worker that is running").await;
    }
    if !Database::of(config).is_embedded() {
        return Err("no worker has said that it is there; start `raptorflow worker`".to_owned());
    }
    let (stop, stopped) = watch::channel(false);
    let worker: Worker = worker.only(&[Smoke::TOLD]);
    let (outcome, ()) = tokio::join!(
        async {
            let outcome = to_and_fro(&smoke, "a worker of its own, as no server is running").await;
            stop.send_replace(true);
            outcome
        },
        worker.run(stopped)
    );
    outcome
}

async fn to_and_fro(smoke: &Smoke, by: &str) -> Result<String, String> {
    let begun = Instant::now();
    let told = smoke.tell().await.map_err(|error| format!("the fact was not stored: {error}"))?;
    match tokio::time::timeout(PATIENCE, come_back(smoke, told)).await {
        Ok(Ok(())) => {
            let took = begun.elapsed().as_millis();
            Ok(format!("{} went through outbox, bus and {by}, and came back after {took} ms", Smoke::TOLD))
        }
        Ok(Err(error)) => Err(format!("the answer could not be looked for: {error}")),
        Err(_) => Err(format!(
            "{} did not come back within {} s by {by}. Its log says why; /health/detailed shows outbox and queue",
            Smoke::TOLD,
            PATIENCE.as_secs()
        )),
    }
}

async fn come_back(smoke: &Smoke, told: EventId) -> kernel::StoreResult<()> {
    let mut look = tokio::time::interval(LOOK);
    loop {
        look.tick().await;
        if smoke.has_come_back(told).await? {
            return Ok(());
        }
    }
}
