//! Metrics, and their way to a collector.

use super::Watch;
use crate::{config::Config, metrics::Metrics, telemetry::Collector};
use std::{convert::Infallible, sync::Arc, time::Duration};

/// Between two looks.
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

/// Looks at what only a look can tell, for a collector that does not ask.
pub struct Looking {
    pub(super) metrics: Arc<Metrics>,
    pub(super) watch: Watch,
}

impl Looking {
    /// Looks again and again, until it is dropped.
    pub async fn run(self) -> Infallible {
        let mut beat = tokio::time::interval(EVERY);
        loop {
            beat.tick().await;
            self.metrics.look(&self.watch).await;
        }
    }
}
