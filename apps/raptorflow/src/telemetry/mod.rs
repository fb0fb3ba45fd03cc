//! Logs: JSON lines in production, readable ones in development. Field names are dotted (`workspace.id`). And traces: each
//! span has a place in one, which is exported where a collector is named.

mod export;
pub mod gen_ai;

pub use export::Collector;

use crate::config::{LogFormat, LogSettings};
use opentelemetry::trace::TracerProvider;
use opentelemetry_sdk::trace::SdkTracerProvider;
use std::io::IsTerminal;
use std::time::Duration;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::{EnvFilter, Layer, fmt, layer::SubscriberExt, util::SubscriberInitExt};

/// How long the end of a process waits for its last spans to be taken, and as long for its last figures.
pub(crate) const LAST_WORDS: Duration = Duration::from_secs(3);

/// The process's traces, while it runs.
pub struct Traces(Option<SdkTracerProvider>);

impl Traces {
    /// Hands over the last spans, within a few seconds.
    pub async fn end(self) {
        let Some(provider) = self.0 else { return };
        let ended = tokio::task::spawn_blocking(move || provider.shutdown_with_timeout(LAST_WORDS)).await;
        if let Ok(Err(error)) = ended {
            tracing::warn!(%error, "the last spans could not be exported");
        }
    }
}

/// Sends the process's logs to standard error from now on, panics included, and its spans to the collector.
///
/// # Errors
/// When the process has a log already, or the level is no filter.
pub fn start(settings: &LogSettings, collector: Option<&Collector>) -> anyhow::Result<Traces> {
    let filter = EnvFilter::builder().parse(&settings.filter)?;
    let colours = std::io::stderr().is_terminal();
    let lines = fmt::layer().with_writer(std::io::stderr).with_ansi(colours);
    let lines = match settings.format {
        LogFormat::Json => lines.json().flatten_event(true).with_filter(filter).boxed(),
        LogFormat::Text => lines.compact().with_filter(filter).boxed(),
    };
    // Without a collector nothing is traced: it would cost each request a tenth of its time.
    let provider = collector.map(Collector::traces).transpose()?;
    let spans = provider.as_ref().map(|provider| {
        tracing_opentelemetry::layer()
            .with_tracer(provider.tracer("raptorflow"))
            .with_location(false)
            .with_threads(false)
            .with_tracked_inactivity(false)
            .with_filter(traced())
    });
    tracing_subscriber::registry().with(spans).with(lines).try_init()?;
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        let message = panic.payload_as_str().unwrap_or("(no message)");
        tracing::error!(panic.place = place, panic.message = message, "a task panicked");
    }));
    Ok(Traces(provider))
}

/// Requests and jobs have spans, and their units of work. The exporter's own words are no part of it.
fn traced() -> Targets {
    Targets::new()
        .with_default(LevelFilter::INFO)
        .with_target("db", LevelFilter::DEBUG)
        .with_target("gen_ai", LevelFilter::DEBUG)
        .with_target("opentelemetry", LevelFilter::OFF)
        .with_target("opentelemetry_sdk", LevelFilter::OFF)
        .with_target("opentelemetry_otlp", LevelFilter::OFF)
}
