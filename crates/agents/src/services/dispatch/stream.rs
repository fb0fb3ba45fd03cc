use super::{
    Candidate, Dispatcher,
    attempt::{Pieces, Question},
    call::Call,
    generate::{booking, length_of},
};
use crate::{
    dispatch::{Answer, Ask, CallEnd, Delta, FailureKind, ModelFailure, Operation, Refusal, Reply, Source},
    ports::models::ReplyStream,
};
use futures_util::{StreamExt, stream, stream::BoxStream};
use kernel::{Area, CallContext, FieldErrors, ModelCallId, Violation, WorkspaceScope};

/// A piece of an answer on its way to the caller.
#[derive(Debug, Clone, PartialEq)]
pub enum AnswerPiece {
    /// More of it.
    Delta(Delta),
    /// The whole of it, with its row in the ledger: the end.
    End(Box<Answer>),
}

/// An answer on its way. A failure is its end, too. Dropped before its end, the call ends as cancelled and the connection to
/// the provider is closed.
pub type AnswerStream = BoxStream<'static, Result<AnswerPiece, Refusal>>;

/// An answer whose first piece is there.
pub struct OngoingAnswer {
    /// The call's row, once it has ended.
    pub call: ModelCallId,
    /// Who answers.
    pub source: Source,
    /// What they say.
    pub pieces: AnswerStream,
}

struct OnItsWay {
    candidate: Candidate,
    pieces: ReplyStream,
    first: Option<Delta>,
    /// `None` once the call has ended.
    call: Option<Call>,
}

impl Dispatcher {
    /// An answer bit by bit; answers once its first piece is there.
    ///
    /// # Errors
    /// [`Refusal`]. What fails later is told by the stream.
    pub async fn stream(
        &self,
        ctx: &CallContext,
        scope: &WorkspaceScope,
        ask: &Ask,
    ) -> Result<OngoingAnswer, Refusal> {
        scope.require(Area::Ai.write())?;
        if ctx.idempotency.is_some() {
            let why = "can't be told twice: ask for the whole answer under an idempotency key";
            return Err(FieldErrors::one("/stream", Violation::new("unsupported", why)).into());
        }
        let candidates = self.prepare(scope, ask).await?;
        let booking = booking(ctx, scope, ask, Operation::Stream, &candidates);
        let mut call = self.hold(booking, &candidates).await?;
        match self.ask(&mut call, &candidates, &Pieces(Question::new(&ask.request, &candidates))).await {
            Ok((place, (first, pieces))) => {
                let candidate = candidates[place].clone();
                let (id, source) = (call.head().id, candidate.source());
                let on_its_way = OnItsWay { candidate, pieces, first: Some(first), call: Some(call) };
                let pieces = stream::unfold(on_its_way, OnItsWay::next).boxed();
                Ok(OngoingAnswer { call: id, source, pieces })
            }
            Err(failure) => {
                call.unanswered(&failure).await;
                Err(Refusal::of(&failure))
            }
        }
    }
}

impl OnItsWay {
    async fn next(mut self) -> Option<(Result<AnswerPiece, Refusal>, Self)> {
        self.call.as_ref()?;
        let piece = match self.first.take() {
            Some(first) => Some(Ok(first)),
            None => self.pieces.next().await,
        };
        let item = match piece {
            Some(Ok(Delta::End(reply))) => self.end(*reply).await,
            Some(Ok(delta)) => {
                self.note(&delta);
                Ok(AnswerPiece::Delta(delta))
            }
            Some(Err(failure)) => self.fail(&failure).await,
            None => {
                let cut = ModelFailure::new(FailureKind::Unavailable, "the stream stopped before its end");
                self.fail(&cut).await
            }
        };
        Some((item, self))
    }

    fn note(&mut self, delta: &Delta) {
        let Some(call) = &mut self.call else { return };
        match delta {
            Delta::Text(text) | Delta::Thought(text) | Delta::Arguments { json: text, .. } => {
                call.goes_on(text.len(), None);
            }
            Delta::ToolCall { name, .. } => call.goes_on(name.len(), None),
            Delta::Usage(usage) => call.goes_on(0, Some(*usage)),
            Delta::End(_) => {}
        }
    }

    async fn end(&mut self, reply: Reply) -> Result<AnswerPiece, Refusal> {
        let Some(mut call) = self.call.take() else { return Err(Refusal::NotTaken) };
        let said = (reply.tier, reply.served_by.clone());
        let taken = call.taken(&self.candidate, reply.usage, said, length_of(&reply));
        call.says(&reply);
        let row = call.answered(CallEnd::Answered(reply.finish), taken).await;
        Ok(AnswerPiece::End(Box::new(Answer {
            call: row.head.id,
            reply,
            source: self.candidate.source(),
            usage: row.usage,
            cost: row.cost,
            is_cached: false,
            is_estimated: row.is_estimated,
        })))
    }

    async fn fail(&mut self, failure: &ModelFailure) -> Result<AnswerPiece, Refusal> {
        if let Some(mut call) = self.call.take() {
            call.failed(failure);
            call.unanswered(failure).await;
        }
        Err(Refusal::of(failure))
    }
}
