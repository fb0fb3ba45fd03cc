//! What the process counts of itself, for Prometheus (`/metrics`) and for a collector.
//!
//! One set of instruments feeds both. [`table`] names them; a label's values come from the routes, the handlers of jobs
//! and a few words, never from what a request brings.

mod look;
mod models;
mod requests;
pub mod table;

use crate::application::Watch;
use crate::telemetry::LAST_WORDS;
use agents::dispatch::ModelCall;
use opentelemetry::metrics::{Counter, Gauge, Histogram, Meter, MeterProvider, UpDownCounter};
use opentelemetry::{KeyValue, Value};
use opentelemetry_sdk::metrics::{MeterProviderBuilder, SdkMeterProvider};
use prometheus::{Registry, TextEncoder};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use table::{Kind, Metric};

/// The bounds of durations, in seconds: what a person does not notice, up to what a request may take.
const SECONDS: [f64; 12] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];
/// The bounds of what may take minutes: jobs, and facts on their way.
const LONGER: [f64; 11] = [0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0];

/// What can be counted. Made once a process; [`Metrics::default`] counts for nobody.
pub struct Metrics {
    provider: SdkMeterProvider,
    registry: Registry,
    requests: requests::Requests,
    in_flight: Arc<AtomicI64>,
    shed: Counter<u64>,
    streams_open: UpDownCounter<i64>,
    limiter_fallbacks: Counter<u64>,
    jobs: Counter<u64>,
    job_duration: Histogram<f64>,
    relay_failures: Counter<u64>,
    fact_delay: Histogram<f64>,
    models: models::ModelCalls,
    looked: look::Looked,
}

impl Default for Metrics {
    fn default() -> Self {
        let provider = SdkMeterProvider::default();
        Self::of(provider, Registry::new())
    }
}

impl Metrics {
    /// Instruments that `/metrics` shows, and whatever `more` adds to read them.
    ///
    /// # Errors
    /// When the two do not fit together, a mistake of the code.
    pub fn new(
        more: impl FnOnce(MeterProviderBuilder) -> anyhow::Result<MeterProviderBuilder>,
    ) -> anyhow::Result<Self> {
        let registry = Registry::new();
        let reader = opentelemetry_prometheus::exporter()
            .with_registry(registry.clone())
            .without_units()
            .without_target_info()
            .scope_info_enabled(false)
            .build()?;
        let provider = more(SdkMeterProvider::builder().with_reader(reader))?.build();
        Ok(Self::of(provider, registry))
    }

    fn of(provider: SdkMeterProvider, registry: Registry) -> Self {
        let meter = provider.meter("raptorflow");
        Self {
            requests: requests::Requests::new(&meter),
            in_flight: in_flight(&meter),
            shed: shed(&meter),
            streams_open: streams_open(&meter),
            limiter_fallbacks: zero(counter(&meter, table::LIMITER_FALLBACKS)),
            jobs: counter(&meter, table::JOBS),
            job_duration: seconds(&meter, table::JOB_DURATION, &LONGER),
            relay_failures: zero(counter(&meter, table::RELAY_FAILURES)),
            fact_delay: seconds(&meter, table::FACT_DELAY, &LONGER),
            models: models::ModelCalls::new(&meter),
            looked: look::Looked::new(&meter),
            provider,
            registry,
        }
    }

    /// A request has come; it is in flight until the answer is dropped.
    pub fn request_comes(&self) -> InFlight {
        self.in_flight.fetch_add(1, Ordering::Relaxed);
        InFlight(Arc::clone(&self.in_flight))
    }

    /// A request was answered. `route` MUST be a template, never a path.
    pub fn request_answered(&self, method: &str, route: &str, status: u16, took: Duration) {
        self.requests.answered(method, route, status, took);
    }

    /// Something was refused for want of room. `reason` MUST be one that the table names.
    pub fn shed(&self, reason: &'static str) {
        self.shed.add(1, &[label("reason", reason)]);
    }

    /// A stream of facts was opened; it is open until the answer is dropped.
    pub fn stream_opens(&self, protocol: &'static str) -> OpenStream {
        self.streams_open.add(1, &[label("protocol", protocol)]);
        OpenStream(self.streams_open.clone(), protocol)
    }

    /// A request was counted by this process alone.
    pub fn limiter_fell_back(&self) {
        self.limiter_fallbacks.add(1, &[]);
    }

    /// An attempt at a job ended. `kind` MUST be one that has a handler.
    pub fn job_ended(&self, kind: &str, outcome: &'static str, took: Duration) {
        let kind = label("kind", kind.to_owned());
        self.job_duration.record(took.as_secs_f64(), std::slice::from_ref(&kind));
        self.jobs.add(1, &[kind, label("outcome", outcome)]);
    }

    /// A pass of the relay failed.
    pub fn relay_failed(&self) {
        self.relay_failures.add(1, &[]);
    }

    /// A consumer has had a fact that concerns it, so long after it happened.
    pub fn fact_consumed(&self, consumer: &'static str, delay: Duration) {
        self.fact_delay.record(delay.as_secs_f64(), &[label("consumer", consumer)]);
    }

    /// A call of a language model has ended.
    pub fn model_called(&self, call: &ModelCall) {
        self.models.called(call);
    }

    /// Finds out what only a look can tell. Looks that follow each other closely see what the first one saw.
    pub(crate) async fn look(&self, watch: &Watch) {
        self.looked.look(watch).await;
    }

    /// Everything, in the text format of Prometheus.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn text(&self) -> anyhow::Result<String> {
        Ok(TextEncoder::new().encode_to_string(&self.registry.gather())?)
    }

    /// Hands over the last figures, within a few seconds.
    pub async fn end(&self) {
        let provider = self.provider.clone();
        // The provider has a patience of its own, whatever it is asked for.
        let ended = tokio::task::spawn_blocking(move || provider.shutdown());
        if !matches!(tokio::time::timeout(LAST_WORDS, ended).await, Ok(Ok(Ok(())))) {
            tracing::warn!("the last figures could not be exported");
        }
    }
}

/// A request that is being answered.
#[must_use]
pub struct InFlight(Arc<AtomicI64>);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A stream of facts that is open.
#[must_use]
pub struct OpenStream(UpDownCounter<i64>, &'static str);

impl Drop for OpenStream {
    fn drop(&mut self) {
        self.0.add(-1, &[label("protocol", self.1)]);
    }
}

fn label(name: &'static str, value: impl Into<Value>) -> KeyValue {
    KeyValue::new(name, value)
}

/// The name without what the exporter adds to counters by itself.
fn bare(metric: &Metric) -> &'static str {
    match metric.kind {
        Kind::Counter => metric.name.trim_end_matches("_total"),
        Kind::Gauge | Kind::Histogram => metric.name,
    }
}

fn counter(meter: &Meter, metric: &Metric) -> Counter<u64> {
    meter.u64_counter(bare(metric)).with_description(metric.help).build()
}

/// Shown from the beginning: a rate needs a first value.
fn zero(counter: Counter<u64>) -> Counter<u64> {
    counter.add(0, &[]);
    counter
}

fn shed(meter: &Meter) -> Counter<u64> {
    let shed = counter(meter, table::SHED);
    for reason in ["requests", "streams", "streams_of_workspace", "streams_of_caller"] {
        shed.add(0, &[label("reason", reason)]);
    }
    shed
}

fn streams_open(meter: &Meter) -> UpDownCounter<i64> {
    let open = up_and_down(meter, table::STREAMS_OPEN);
    for protocol in ["sse", "websocket"] {
        open.add(0, &[label("protocol", protocol)]);
    }
    open
}

/// Counted by ourselves and shown when asked for: each request changes it twice.
fn in_flight(meter: &Meter) -> Arc<AtomicI64> {
    let count = Arc::new(AtomicI64::new(0));
    let shown = Arc::clone(&count);
    let metric = table::IN_FLIGHT;
    let gauge = meter.i64_observable_up_down_counter(bare(metric)).with_description(metric.help);
    gauge.with_callback(move |observer| observer.observe(shown.load(Ordering::Relaxed), &[])).build();
    count
}

fn up_and_down(meter: &Meter, metric: &Metric) -> UpDownCounter<i64> {
    meter.i64_up_down_counter(bare(metric)).with_description(metric.help).build()
}

fn gauge(meter: &Meter, metric: &Metric) -> Gauge<f64> {
    meter.f64_gauge(bare(metric)).with_description(metric.help).build()
}

fn seconds(meter: &Meter, metric: &Metric, bounds: &[f64]) -> Histogram<f64> {
    let histogram = meter.f64_histogram(bare(metric)).with_description(metric.help).with_unit("s");
    histogram.with_boundaries(bounds.to_vec()).build()
}

#[cfg(test)]
mod tests;
