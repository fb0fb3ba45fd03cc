//! Metrics, and their way to a collector.

use super::Watch;
use crate::{config::Config, metrics::Metrics, telemetry::Collector};
use std::{convert::Infallible, sync::Arc, time::Duration};

/// How often is looked at what only a look can tell, where nobody scrapes.
const EVERY: Duration = Duration::from_secs(15);

pub(super) fn metrics(config: &Config) -> anyhow::Result<Metrics> {
    match &config.collector {
        Some(endpoint) => {
            let collector = Collector::at(endpoint)?;
            Metrics::new(|builder| collector.metrics(builder))
        }
        None => Metrics::new(Ok),
    }
}

/// Looks again and again, until the process ends.
pub(super) fn keep_looking(metrics: Arc<Metrics>, watch: Watch) {
    tokio::spawn(look_for_ever(metrics, watch));
}

async fn look_for_ever(metrics: Arc<Metrics>, watch: Watch) -> Infallible {
    let mut beat = tokio::time::interval(EVERY);
    loop {
        beat.tick().await;
        metrics.look(&watch).await;
    }
}
