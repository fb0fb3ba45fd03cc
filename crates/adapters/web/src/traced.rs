use reqwest::RequestBuilder;

/// A request that goes on with the trace of the current span.
pub trait Traced: Sized {
    /// Sends `traceparent` along, where something is traced. MUST be called inside the span that is to be its parent.
    #[must_use]
    fn traced(self) -> Self;
}

impl Traced for RequestBuilder {
    fn traced(self) -> Self {
        match trace::traceparent() {
            Some(parent) => self.header(trace::TRACEPARENT, parent),
            None => self,
        }
    }
}
