//! Calls of language models.

use super::{counter, label, table};
use crate::telemetry::gen_ai::{ERROR, MODEL, OPERATION, PROVIDER, TOKEN_TYPE, error_of};
use agents::dispatch::ModelCall;
use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter, Histogram, Meter};

/// The bounds that OpenTelemetry's conventions advise, in tokens.
const TOKENS: [f64; 12] =
    [1.0, 4.0, 16.0, 64.0, 256.0, 1_024.0, 4_096.0, 16_384.0, 65_536.0, 262_144.0, 1_048_576.0, 4_194_304.0];
/// The same, in seconds.
const SECONDS: [f64; 14] =
    [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];

/// What is counted of them. Models are those of the catalogue, so labels are few.
pub(super) struct ModelCalls {
    tokens: Histogram<u64>,
    duration: Histogram<f64>,
    first: Histogram<f64>,
    calls: Counter<u64>,
    cost: Counter<f64>,
}

impl ModelCalls {
    pub(super) fn new(meter: &Meter) -> Self {
        let seconds = |name: &'static str, help| {
            let histogram = meter.f64_histogram(name).with_description(help).with_unit("s");
            histogram.with_boundaries(SECONDS.to_vec()).build()
        };
        let tokens = meter.u64_histogram("gen_ai.client.token.usage").with_unit("{token}");
        Self {
            tokens: tokens
                .with_description(table::MODEL_TOKENS.help)
                .with_boundaries(TOKENS.to_vec())
                .build(),
            duration: seconds("gen_ai.client.operation.duration", table::MODEL_DURATION.help),
            first: seconds("gen_ai.client.operation.time_to_first_chunk", table::MODEL_FIRST.help),
            calls: counter(meter, table::MODEL_CALLS),
            cost: meter
                .f64_counter("raptorflow_model_cost_usd")
                .with_description(table::MODEL_COST.help)
                .build(),
        }
    }

    pub(super) fn called(&self, call: &ModelCall) {
        let asked = || {
            [
                label(OPERATION, call.head.operation.trace_name()),
                label(PROVIDER, call.head.provider.trace_name()),
                label(MODEL, call.head.model.clone()),
            ]
        };
        let with = |more: KeyValue| asked().into_iter().chain([more]).collect::<Vec<_>>();
        let error = error_of(call).unwrap_or_default();
        self.duration.record(call.latency.as_secs_f64(), &with(label(ERROR, error)));
        if let Some(first) = call.first_token {
            self.first.record(first.as_secs_f64(), &asked());
        }
        for (of, count) in [("input", call.usage.input()), ("output", call.usage.output)] {
            if count > 0 {
                self.tokens.record(count, &with(label(TOKEN_TYPE, of)));
            }
        }
        let of = [label("provider", call.head.provider.name()), label("model", call.head.model.clone())];
        // As good as a float is.
        self.cost.add(call.cost.to_string().parse().unwrap_or_default(), &of);
        let [provider, model] = of;
        self.calls.add(1, &[provider, model, label("outcome", call.end.name())]);
    }
}
