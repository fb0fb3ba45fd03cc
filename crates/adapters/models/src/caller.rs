//! One attempt at a provider, over HTTP.

use crate::{Pieces, reading::Reading};
use agents::{
    dispatch::{FailureKind, ModelFailure},
    ports::models::{Deadlines, ReplyStream},
};
use kernel::Clock;
use reqwest::{Client, RequestBuilder, Response, header::HeaderMap};
use std::{sync::Arc, time::Duration};
use tokio::time::{Instant, timeout_at};
use web::{NoClient, Policy, ThreadClients, Traced, read_at_most, retry_after};

/// The longest answer that is read in one piece: vectors of a few hundred texts.
const LONGEST_ANSWER: usize = 32 * 1024 * 1024;
/// The longest error that is read.
const LONGEST_ERROR: usize = 64 * 1024;

/// Reads an error's status and body.
pub type Judge = fn(u16, &[u8]) -> ModelFailure;

/// Makes single attempts, each bounded by its deadlines. Clones share their connections, threads don't.
///
/// A dropped attempt closes its connection at once, so that the provider stops working for nobody.
#[derive(Clone)]
pub struct Caller {
    http: ThreadClients,
    clock: Arc<dyn Clock>,
}

impl Caller {
    /// A caller with connections of its own.
    ///
    /// # Errors
    /// [`NoClient`].
    pub fn new(clock: Arc<dyn Clock>) -> Result<Self, NoClient> {
        Ok(Self { http: ThreadClients::new(Policy::MODEL.attempt)?, clock })
    }

    /// For the requests of an attempt.
    #[must_use]
    pub fn client(&self) -> &Client {
        self.http.here()
    }

    /// Asks for an answer in one piece: its body.
    ///
    /// # Errors
    /// What `judge` makes of an error, or how the connection failed.
    pub async fn whole(
        &self,
        request: RequestBuilder,
        deadlines: Deadlines,
        judge: Judge,
    ) -> Result<Vec<u8>, ModelFailure> {
        let end = Instant::now() + deadlines.total;
        let answer = self.accepted(request, end, judge).await?;
        match timeout_at(end, read_at_most(answer, LONGEST_ANSWER)).await {
            Ok(Some(body)) => Ok(body),
            Ok(None) => {
                Err(ModelFailure::new(FailureKind::Unavailable, "the answer broke off, or is too long"))
            }
            Err(_) => Err(late("the rest of the answer")),
        }
    }

    /// Asks for an answer bit by bit.
    ///
    /// # Errors
    /// As [`whole`](Self::whole), before the provider has accepted the request; what fails later is told by the stream.
    pub async fn pieces<P: Pieces>(
        &self,
        request: RequestBuilder,
        deadlines: Deadlines,
        judge: Judge,
        pieces: P,
    ) -> Result<ReplyStream, ModelFailure> {
        let now = Instant::now();
        let end = now + deadlines.total;
        let first = (now + deadlines.first_token).min(end);
        let answer = self.accepted(request, first, judge).await?;
        Ok(Reading::new(answer, pieces, first, end).into_stream())
    }

    async fn accepted(
        &self,
        request: RequestBuilder,
        until: Instant,
        judge: Judge,
    ) -> Result<Response, ModelFailure> {
        let answer = match timeout_at(until, request.traced().send()).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(error)) => return Err(unanswered(&error)),
            Err(_) => return Err(late("an answer")),
        };
        if answer.status().is_success() {
            return Ok(answer);
        }
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let body = timeout_at(until, read_at_most(answer, LONGEST_ERROR)).await.ok().flatten();
        let failure = judge(status, &body.unwrap_or_default());
        let asked = failure.retry_after.max(self.asked(&headers));
        Err(failure.after(asked))
    }

    /// How long the headers ask to be left alone.
    fn asked(&self, headers: &HeaderMap) -> Option<Duration> {
        let text = headers.get("retry-after-ms").and_then(|value| value.to_str().ok());
        let exact = text.and_then(|text| text.trim().parse::<f64>().ok());
        let exact = exact.and_then(|millis| Duration::try_from_secs_f64(millis / 1_000.0).ok());
        exact.max(retry_after(headers, self.clock.now()))
    }
}

/// `what` did not come in time.
pub(crate) fn late(what: &str) -> ModelFailure {
    ModelFailure::new(FailureKind::TimedOut, format!("{what} did not come in time"))
}

/// The URL is left out, as it may name a project.
pub(crate) fn unanswered(error: &reqwest::Error) -> ModelFailure {
    let kind = if error.is_timeout() && !error.is_connect() {
        FailureKind::TimedOut
    } else if error.is_body() || error.is_decode() {
        FailureKind::Unavailable
    } else {
        FailureKind::Unreachable
    };
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    ModelFailure::new(kind, cause.to_string())
}
