use super::{Booking, Candidate, Dispatcher};
use crate::{
    dispatch::{
        CallEnd, CallHead, FailureKind, ModelCall, ModelFailure, Reply, ServiceTier, Usage, tokens_of,
    },
    ports::models::{Afterwards, BudgetLedger, CallWatch, Content},
};
use kernel::{Environment, Pause, PicoUsd, Timestamp, WorkspaceScope};
use std::{sync::Arc, time::Duration};
use tracing::Span;

/// The waits before the settlement of a call is tried again. What can't be settled even then is written off when its hold ends.
const SETTLED_AGAIN: [Duration; 4] =
    [Duration::from_secs(1), Duration::from_secs(4), Duration::from_secs(10), Duration::from_secs(30)];

/// A call from the moment when money is to be held for it until it is settled. Dropped before that, it settles itself: the
/// caller went away.
pub(super) struct Call {
    books: Books,
    watch: Arc<dyn CallWatch>,
    span: Span,
    content: Option<Box<Content>>,
    head: CallHead,
    input_tokens: u64,
    attempts: u32,
    /// Who is being asked at this moment.
    asked: Option<Candidate>,
    /// What has come of the answer by now.
    progress: Progress,
    /// What the attempts took and cost.
    charged: (Usage, PicoUsd),
    /// Whether some of that is our own estimate.
    is_estimated: bool,
    first_token: Option<Timestamp>,
    is_open: bool,
}

#[derive(Default)]
struct Progress {
    usage: Option<Usage>,
    bytes: usize,
}

/// Where calls are settled.
#[derive(Clone)]
struct Books {
    ledger: Arc<dyn BudgetLedger>,
    afterwards: Arc<dyn Afterwards>,
    pause: Arc<dyn Pause>,
    env: Environment,
    scope: WorkspaceScope,
}

/// What an answer took and cost.
pub(super) struct Taken {
    pub(super) usage: Usage,
    pub(super) tier: ServiceTier,
    pub(super) cost: PicoUsd,
    pub(super) is_estimated: bool,
    pub(super) served_by: Option<String>,
}

impl Call {
    pub(super) fn new(of: &Dispatcher, booking: Booking<'_>, head: CallHead) -> Self {
        let request = booking.request.filter(|_| of.watch.sees_content());
        let books = Books {
            ledger: of.ledger.clone(),
            afterwards: of.afterwards.clone(),
            pause: of.pause.clone(),
            env: of.env.clone(),
            scope: *booking.scope,
        };
        Self {
            books,
            watch: of.watch.clone(),
            span: span_of(&head),
            content: request.map(|request| Box::new(Content { request: request.clone(), reply: None })),
            head,
            input_tokens: booking.input_tokens,
            attempts: 0,
            asked: None,
            progress: Progress::default(),
            charged: (Usage::NONE, PicoUsd::ZERO),
            is_estimated: false,
            first_token: None,
            is_open: true,
        }
    }

    pub(super) const fn head(&self) -> &CallHead {
        &self.head
    }

    /// What traces have of it.
    pub(super) const fn span(&self) -> &Span {
        &self.span
    }

    /// This is its answer.
    pub(super) fn says(&mut self, reply: &Reply) {
        if let Some(content) = &mut self.content {
            content.reply = Some(reply.clone());
        }
    }

    /// Nothing was held for it, so it leaves no row.
    pub(super) fn forget(mut self) {
        self.is_open = false;
    }

    /// Somebody is asked now.
    pub(super) fn asks(&mut self, candidate: &Candidate) {
        self.attempts += 1;
        self.head.provider = candidate.target.provider;
        self.head.model.clone_from(&candidate.target.model);
        self.head.price = candidate.price.name();
        self.progress = Progress::default();
        self.asked = Some(candidate.clone());
    }

    /// Nobody was asked after all.
    pub(super) fn did_not_ask(&mut self) {
        self.attempts -= 1;
        self.asked = None;
    }

    /// The attempt came to nothing; what it cost all the same counts. In the midst of an answer the provider's word is of an
    /// earlier moment; that of a block is its last one.
    pub(super) fn failed(&mut self, failure: &ModelFailure) {
        let Some(candidate) = self.asked.take() else { return };
        let is_last_word = failure.kind == FailureKind::Blocked || self.progress.bytes == 0;
        match failure.usage {
            Some(usage) if is_last_word => self.charge(&usage, candidate.cost(&usage)),
            None if self.progress.bytes == 0 => {}
            told => {
                self.progress.usage = told.or(self.progress.usage);
                self.charge_so_far(&candidate);
            }
        }
    }

    /// More of an answer has come.
    pub(super) fn goes_on(&mut self, bytes: usize, usage: Option<Usage>) {
        if self.first_token.is_none() && bytes > 0 {
            self.first_token = Some(self.books.env.now());
        }
        self.progress.bytes += bytes;
        self.progress.usage = usage.or(self.progress.usage);
    }

    /// What the attempt under way has taken, as far as it is known: the provider's word for the input where there is one, our
    /// own count of the output where that is more.
    fn so_far(&self) -> Usage {
        let output = tokens_of(self.progress.bytes);
        match self.progress.usage {
            Some(usage) => Usage { output: usage.output.max(output), ..usage },
            None => Usage { fresh: self.input_tokens, output, ..Usage::NONE },
        }
    }

    /// What a whole answer took, by the provider's word or our own count.
    pub(super) fn taken(
        &self,
        candidate: &Candidate,
        told: Option<Usage>,
        (tier, served_by): (ServiceTier, Option<String>),
        output: usize,
    ) -> Taken {
        let guess = Usage { fresh: self.input_tokens, output: tokens_of(output), ..Usage::NONE };
        let usage = told.unwrap_or(guess);
        let (cost, is_guess) = candidate.cost_of(&usage, tier);
        Taken { usage, tier, cost, is_estimated: told.is_none() || is_guess, served_by }
    }

    fn charge(&mut self, usage: &Usage, (cost, is_estimated): (PicoUsd, bool)) {
        self.charged.0 = self.charged.0.plus(usage);
        self.charged.1 = self.charged.1.checked_add(cost).unwrap_or(PicoUsd::new(i64::MAX));
        self.is_estimated |= is_estimated;
    }

    fn charge_so_far(&mut self, candidate: &Candidate) {
        let usage = self.so_far();
        self.charge(&usage, (candidate.cost(&usage).0, true));
    }

    /// The call has ended with an answer.
    pub(super) async fn answered(mut self, end: CallEnd, taken: Taken) -> ModelCall {
        self.charge(&taken.usage, (taken.cost, taken.is_estimated));
        self.asked = None;
        let row = ModelCall { served_by: taken.served_by, tier: taken.tier, ..self.row(end) };
        self.settle(row).await
    }

    /// The call has ended without one.
    pub(super) async fn unanswered(self, failure: &ModelFailure) -> ModelCall {
        let row = self.row(CallEnd::Failed(failure.kind));
        self.settle(row).await
    }

    /// Writes the row. When the caller goes away meanwhile, or the database does, it is written all the same.
    async fn settle(mut self, row: ModelCall) -> ModelCall {
        let mut unwritten = Unwritten { books: self.books.clone(), row: Some(row.clone()) };
        self.is_open = false;
        self.watch.ended(&self.span, &row, self.content.as_deref());
        match self.books.ledger.settle(&self.books.scope, &row).await {
            Ok(()) => unwritten.row = None,
            Err(error) => {
                tracing::warn!(%error, call.id = %row.head.id, "a call was not settled; it is tried again");
            }
        }
        row
    }

    fn row(&self, end: CallEnd) -> ModelCall {
        let (usage, cost) = self.charged;
        let head = self.head.clone();
        let now = self.books.env.now();
        ModelCall {
            end,
            served_by: None,
            attempts: self.attempts,
            usage,
            tier: ServiceTier::Standard,
            cost,
            saved: PicoUsd::ZERO,
            is_estimated: self.is_estimated,
            latency: now.since(head.at),
            first_token: self.first_token.map(|first| first.since(head.at)),
            head,
        }
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        if !self.is_open {
            return;
        }
        if let Some(candidate) = self.asked.take() {
            self.charge_so_far(&candidate);
        }
        let row = self.row(CallEnd::Cancelled);
        self.watch.ended(&self.span, &row, self.content.as_deref());
        drop(Unwritten { books: self.books.clone(), row: Some(row) });
    }
}

/// What traces have of a call; nobody has it unless they are exported. Who sees its end says the rest.
pub(super) fn span_of(head: &CallHead) -> Span {
    let operation = head.operation.trace_name();
    tracing::debug_span!(
        target: "gen_ai",
        "model",
        otel.kind = "client",
        otel.name = format_args!("{operation} {}", head.model)
    )
}

/// A row that is still to be written: dropped, it is written behind the caller's back.
struct Unwritten {
    books: Books,
    row: Option<ModelCall>,
}

impl Drop for Unwritten {
    fn drop(&mut self) {
        let Some(row) = self.row.take() else { return };
        let books = self.books.clone();
        self.books.afterwards.finish(Box::pin(async move { books.write(&row).await }));
    }
}

impl Books {
    async fn write(&self, row: &ModelCall) {
        let mut waits = SETTLED_AGAIN.into_iter();
        while let Err(error) = self.ledger.settle(&self.scope, row).await {
            let Some(wait) = waits.next() else {
                tracing::error!(%error, call.id = %row.head.id, "a call was not settled; its hold will be written off");
                return;
            };
            self.pause.pause(wait).await;
        }
    }
}
