use super::{Candidate, Dispatcher, call::Call};
use crate::{
    dispatch::{CHARGED_FAILURES, Delta, Embeddings, FailureKind, ModelFailure, ModelRequest, Next, Reply},
    ports::models::{Deadlines, ReplyStream},
    services::dispatch::generate::whole_answer,
};
use async_trait::async_trait;
use futures_util::StreamExt;
use kernel::Timestamp;
use std::time::Duration;
use tracing::Instrument;

/// One way to ask a candidate.
#[async_trait]
pub(super) trait Attempt: Send + Sync {
    /// What it answers.
    type Answer: Send;
    /// Asks once.
    async fn make(&self, of: &Candidate, within: Deadlines) -> Result<Self::Answer, ModelFailure>;
}

/// A request, and the model that it was written for.
#[derive(Clone, Copy)]
pub(super) struct Question<'r> {
    request: &'r ModelRequest,
    first: &'r str,
}

impl<'r> Question<'r> {
    /// For the first of the candidates.
    pub(super) fn new(request: &'r ModelRequest, candidates: &'r [Candidate]) -> Self {
        Self { request, first: &candidates[0].target.model }
    }

    /// As this candidate takes it. Another model than the first takes back no thoughts that it did not think.
    fn to(self, candidate: &Candidate) -> ModelRequest {
        let fitted = self.request.fitted(&candidate.model);
        if candidate.target.model == self.first { fitted } else { fitted.without_seals() }
    }
}

/// For an answer in one piece.
pub(super) struct Whole<'r>(pub(super) Question<'r>);

#[async_trait]
impl Attempt for Whole<'_> {
    type Answer = Reply;

    async fn make(&self, of: &Candidate, within: Deadlines) -> Result<Reply, ModelFailure> {
        let request = self.0.to(of);
        let reply = of.provider.generate(&of.model, &request, within).await?;
        whole_answer(reply, request.schema.as_ref())
    }
}

/// For an answer bit by bit, of which the first piece is there.
pub(super) struct Pieces<'r>(pub(super) Question<'r>);

#[async_trait]
impl Attempt for Pieces<'_> {
    type Answer = (Delta, ReplyStream);

    async fn make(&self, of: &Candidate, within: Deadlines) -> Result<Self::Answer, ModelFailure> {
        let mut pieces = of.provider.stream(&of.model, &self.0.to(of), within).await?;
        match pieces.next().await {
            Some(first) => Ok((first?, pieces)),
            None => Err(ModelFailure::new(FailureKind::Unavailable, "the answer has no piece")),
        }
    }
}

/// For vectors.
pub(super) struct Embed<'r>(pub(super) &'r [String]);

#[async_trait]
impl Attempt for Embed<'_> {
    type Answer = Embeddings;

    async fn make(&self, of: &Candidate, within: Deadlines) -> Result<Embeddings, ModelFailure> {
        of.provider.embed(&of.model, self.0, within).await
    }
}

impl Dispatcher {
    /// Asks the candidates until one answers: which one, and what.
    ///
    /// # Errors
    /// The last one's failure.
    pub(super) async fn ask<A: Attempt>(
        &self,
        call: &mut Call,
        candidates: &[Candidate],
        attempt: &A,
    ) -> Result<(usize, A::Answer), ModelFailure> {
        let span = call.span().clone();
        self.ask_each(call, candidates, attempt).instrument(span).await
    }

    async fn ask_each<A: Attempt>(
        &self,
        call: &mut Call,
        candidates: &[Candidate],
        attempt: &A,
    ) -> Result<(usize, A::Answer), ModelFailure> {
        let end = call.head().at.plus(self.policy.total_of(call.head().operation));
        let mut last = ModelFailure::new(FailureKind::TimedOut, "nobody was asked in time");
        let mut charged = 0;
        for (place, candidate) in candidates.iter().enumerate() {
            let mut retries = 0;
            while let Some(within) = self.within(end) {
                call.asks(candidate);
                let failure = match attempt.make(candidate, within).await {
                    Ok(answer) => return Ok((place, answer)),
                    Err(failure) => failure,
                };
                note(call, candidate, &failure);
                charged += u32::from(failure.usage.is_some());
                let again = self.wait_before(candidate, &failure, retries, end);
                last = failure;
                if last.kind.next() == Next::Stop || charged >= CHARGED_FAILURES {
                    return Err(last);
                }
                let Some(wait) = again else { break };
                self.pause.pause(wait).await;
                retries += 1;
            }
        }
        Err(last)
    }

    /// How long an attempt may take that begins now; `None` when no time is left.
    fn within(&self, end: Timestamp) -> Option<Deadlines> {
        let total = end.since(self.env.now());
        let first_token = self.policy.first_token.min(total);
        (!total.is_zero()).then_some(Deadlines { first_token, total })
    }

    /// How long to wait before the same candidate is asked again; `None` when it is not, as it makes no sense or there is no
    /// time for it.
    fn wait_before(
        &self,
        candidate: &Candidate,
        failure: &ModelFailure,
        retries: u32,
        end: Timestamp,
    ) -> Option<Duration> {
        if failure.kind.next() != Next::Retry {
            return None;
        }
        let mut jitter = [0];
        // Without randomness those who failed together come back together.
        let jitter = self.randomness.fill(&mut jitter).map_or(0, |()| jitter[0]);
        let ladder = self.policy.retry_of(candidate.target.provider);
        let wait = ladder.wait(retries, failure.retry_after, jitter)?;
        (wait < end.since(self.env.now())).then_some(wait)
    }
}

fn note(call: &mut Call, candidate: &Candidate, failure: &ModelFailure) {
    let call_id = call.head().id;
    let target = &candidate.target;
    tracing::warn!(call.id = %call_id, %target, error.kind = failure.kind.name(), error = failure.cause, "an attempt failed");
    call.failed(failure);
    if failure.kind == FailureKind::Resting {
        call.did_not_ask();
    }
}
