//! The trace that a span is a part of, in and out of this program: the W3C header `traceparent`.
//!
//! Spans have a place in a trace where the process has set up OpenTelemetry's layer for them, as the application does.
//! Elsewhere, in tests and in programs that embed the domains, there is no trace, and nothing is sent.
//!
//! # How to carry a trace on
//! [`traceparent`] is what to send or to store; [`adopt`] makes a span go on with what came. Both take and give text, so
//! that a domain can keep it without knowing what it means.

#![forbid(unsafe_code)]

use opentelemetry::propagation::{Extractor, TextMapPropagator};
use opentelemetry::trace::TraceContextExt;
use opentelemetry::{Context, trace::SpanContext};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;

/// The header.
pub const TRACEPARENT: &str = "traceparent";

/// The current span as the parent of what happens elsewhere or later; `None` where nothing is traced.
#[must_use]
pub fn traceparent() -> Option<String> {
    let here = current()?;
    let (trace, span, flags) = (here.trace_id(), here.span_id(), here.trace_flags().to_u8());
    Some(format!("00-{trace}-{span}-{flags:02x}"))
}

/// The id of the trace that the current span is a part of, for logs.
#[must_use]
pub fn trace_id() -> Option<String> {
    current().map(|here| here.trace_id().to_string())
}

/// Whether the span has a place in a trace: whether it is worth while to say more of it.
#[must_use]
pub fn is_traced(span: &Span) -> bool {
    span.context().span().span_context().is_valid()
}

fn current() -> Option<SpanContext> {
    let here = Span::current().context().span().span_context().clone();
    here.is_valid().then_some(here)
}

/// Makes the span a part of the trace that came along. MUST be called before the span is entered. What is no valid
/// `traceparent` is ignored: the span begins a trace of its own.
pub fn adopt(span: &Span, traceparent: &str) {
    let parent = TraceContextPropagator::new().extract_with_context(&Context::new(), &Sent(traceparent));
    if parent.span().span_context().is_valid() {
        // It fails where nothing is traced, and for a span that has begun.
        let _ = span.set_parent(parent);
    }
}

/// One header.
struct Sent<'s>(&'s str);

impl Extractor for Sent<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        (key == TRACEPARENT).then_some(self.0)
    }

    fn keys(&self) -> Vec<&str> {
        vec![TRACEPARENT]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use opentelemetry::trace::TracerProvider;
    use opentelemetry_sdk::trace::SdkTracerProvider;
    use tracing_subscriber::layer::SubscriberExt;

    const SENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    /// What a span hands on that has adopted this.
    fn handed_on(sent: &str) -> Option<String> {
        let provider = SdkTracerProvider::builder().build();
        let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("test"));
        let subscriber = tracing_subscriber::registry().with(layer);
        tracing::subscriber::with_default(subscriber, || {
            let span = tracing::info_span!("request");
            adopt(&span, sent);
            span.in_scope(|| tracing::info_span!("inner").in_scope(traceparent))
        })
    }

    #[test]
    fn a_span_goes_on_with_the_trace_that_came() {
        let on = handed_on(SENT).unwrap();
        assert!(on.starts_with(&SENT[..36]) && on.ends_with("-01"), "{on}");
        assert_ne!(on, SENT, "the span is another");
    }

    #[test]
    fn what_is_no_traceparent_begins_another_trace() {
        for bad in [
            "",
            "nonsense",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
        ] {
            let on = handed_on(bad).unwrap();
            assert!(!on[3..].starts_with("4bf92f3577b34da6a3ce929d0e0e4736"), "{bad} leads to {on}");
        }
    }

    #[test]
    fn where_nothing_is_traced_nothing_is_handed_on() {
        let subscriber = tracing_subscriber::registry();
        tracing::subscriber::with_default(subscriber, || {
            let span = tracing::info_span!("request");
            adopt(&span, SENT);
            assert_eq!(span.in_scope(|| (traceparent(), trace_id())), (None, None));
            assert!(!is_traced(&span));
        });
    }
}
