use crate::{
    Pieces, SseDecoder,
    caller::{late, unanswered},
};
use agents::{
    dispatch::{Delta, FailureKind, ModelFailure},
    ports::models::ReplyStream,
};
use futures_util::{StreamExt, stream};
use reqwest::Response;
use std::{collections::VecDeque, time::Duration};
use tokio::time::{Instant, timeout, timeout_at};

/// How long the end of the connection is waited for after the last event, so that it can be used again.
const LINGER: Duration = Duration::from_millis(20);

/// An answer that is being read. Nothing is read ahead: whoever is slow to take it slows the provider down.
pub(crate) struct Reading<P> {
    answer: Response,
    decoder: SseDecoder,
    /// `None` once the answer has ended.
    pieces: Option<P>,
    ready: VecDeque<Result<Delta, ModelFailure>>,
    has_begun: bool,
    first: Instant,
    end: Instant,
}

impl<P: Pieces> Reading<P> {
    pub(crate) fn new(answer: Response, pieces: P, first: Instant, end: Instant) -> Self {
        Self {
            answer,
            decoder: SseDecoder::default(),
            pieces: Some(pieces),
            ready: VecDeque::new(),
            has_begun: false,
            first,
            end,
        }
    }

    pub(crate) fn into_stream(self) -> ReplyStream {
        stream::unfold(self, |mut reading| async move { reading.next().await.map(|item| (item, reading)) })
            .boxed()
    }

    async fn next(&mut self) -> Option<Result<Delta, ModelFailure>> {
        while self.ready.is_empty() && self.pieces.is_some() {
            self.read().await;
        }
        let next = self.ready.pop_front();
        self.has_begun |= next.is_some();
        next
    }

    async fn read(&mut self) {
        let until = if self.has_begun { self.end } else { self.first };
        match timeout_at(until, self.answer.chunk()).await {
            Ok(Ok(Some(bytes))) => self.take(&bytes).await,
            Ok(Ok(None)) => self.end(),
            Ok(Err(error)) if self.has_begun => self.fail(broken(&unanswered(&error).cause)),
            Ok(Err(error)) => self.fail(unanswered(&error)),
            Err(_) if self.has_begun => self.fail(late("the rest of the answer")),
            Err(_) => self.fail(late("the first piece of an answer")),
        }
    }

    async fn take(&mut self, bytes: &[u8]) {
        let fed = self.decoder.feed(bytes);
        while let (Some(pieces), Some(event)) = (&mut self.pieces, self.decoder.next_event()) {
            if let Err(failure) = taken(pieces, &event.data, &mut self.ready) {
                return self.fail(failure);
            }
            if P::is_last(&event) {
                // The end of the body follows, as a rule in the same packet.
                let _ = timeout(LINGER, self.answer.chunk()).await;
                return self.finish();
            }
        }
        if let Err(error) = fed {
            self.fail(broken(&error.to_string()));
        }
    }

    /// The connection has ended, be it in the midst of an event.
    fn end(&mut self) {
        if !self.decoder.is_cut() {
            return self.finish();
        }
        let (Some(pieces), Some(event)) = (&mut self.pieces, self.decoder.rest()) else {
            return self.fail(broken("it stopped in the midst of an event"));
        };
        match taken(pieces, &event.data, &mut self.ready) {
            Ok(()) => self.finish(),
            Err(failure) => self.fail(failure),
        }
    }

    fn finish(&mut self) {
        let end = self.pieces.take().map(|pieces| pieces.end().map(|reply| Delta::End(Box::new(reply))));
        self.ready.extend(end);
    }

    fn fail(&mut self, failure: ModelFailure) {
        self.pieces = None;
        self.ready.push_back(Err(failure));
    }
}

/// Makes pieces of an event; what came before its failure is ready, too.
fn taken<P: Pieces>(
    pieces: &mut P,
    data: &str,
    ready: &mut VecDeque<Result<Delta, ModelFailure>>,
) -> Result<(), ModelFailure> {
    let mut deltas = Vec::new();
    let taken = pieces.take(data, &mut deltas);
    ready.extend(deltas.into_iter().map(Ok));
    taken
}

fn broken(why: &str) -> ModelFailure {
    ModelFailure::new(FailureKind::Unavailable, format!("the stream broke: {why}"))
}
