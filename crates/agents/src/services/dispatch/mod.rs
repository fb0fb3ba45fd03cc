//! Asking models: the one way from the product to any of them.

mod attempt;
mod batch;
mod cached;
mod call;
mod candidates;
mod embed;
mod generate;
mod once;
mod shown;
mod stream;

pub use shown::{AliasView, ModelView};
pub use stream::{AnswerPiece, AnswerStream, OngoingAnswer};

use crate::{
    dispatch::{
        Budget, BudgetMonth, CallHead, DispatchPolicy, Held, Hold, ModelRequest, Operation, Refusal, Usage,
    },
    ports::AgentUow,
    ports::models::{
        Afterwards, BudgetLedger, BudgetLimits, CallWatch, ModelCatalogue, ModelProviders, PriceBook,
        ResponseCache,
    },
};
use call::Call;
use candidates::Candidate;
use kernel::{CallContext, Environment, Pause, PicoUsd, Randomness, RunId, WorkspaceScope};
use std::sync::Arc;

/// Asks models, whoever serves them, within a workspace's budget.
///
/// ```text
/// ask ─▶ targets ─▶ cache? ──────────────── hit ─────────────────────────────────▶ answer, at no cost
///           │          └─▶ hold the dearest target's worst case ─▶ ask ─▶ settle ─▶ answer
///           │                        │                    ▲  │failed        ▲
///           ▼                        ▼                    └──┴ same, next   └─ also when the caller goes away
///     not configured           budget exceeded
/// ```
///
/// Before the first piece of an answer a failed attempt is repeated, or the next target asked, as
/// [`FailureKind::next`](crate::dispatch::FailureKind::next) says; never after it. Every call that held money ends in one row
/// of the ledger, whatever becomes of it.
#[derive(Clone)]
#[expect(missing_docs, reason = "the fields are the ports, by their types' names")]
pub struct Dispatcher {
    pub catalogue: Arc<dyn ModelCatalogue>,
    pub prices: Arc<dyn PriceBook>,
    pub providers: Arc<dyn ModelProviders>,
    pub limits: Arc<dyn BudgetLimits>,
    pub ledger: Arc<dyn BudgetLedger>,
    /// Knows which requests have come before.
    pub uow: Arc<AgentUow>,
    pub cache: Arc<dyn ResponseCache>,
    pub afterwards: Arc<dyn Afterwards>,
    pub watch: Arc<dyn CallWatch>,
    pub pause: Arc<dyn Pause>,
    pub randomness: Arc<dyn Randomness>,
    pub policy: DispatchPolicy,
    pub env: Environment,
}

/// What a call is to be booked as.
#[derive(Clone, Copy)]
struct Booking<'a> {
    ctx: &'a CallContext,
    scope: &'a WorkspaceScope,
    operation: Operation,
    run: Option<RunId>,
    input_tokens: u64,
    output_tokens: u64,
    /// None for vectors.
    request: Option<&'a ModelRequest>,
}

impl Dispatcher {
    /// Holds money for the dearest of the candidates at its worst; the call begins with it.
    async fn hold(&self, booking: Booking<'_>, candidates: &[Candidate]) -> Result<Call, Refusal> {
        let input = Usage { fresh: booking.input_tokens, ..Usage::NONE };
        let worst = Usage { output: booking.output_tokens, ..input };
        let dearest = candidates.iter().map(|candidate| candidate.cost(&worst).0).max();
        let cheapest = candidates.iter().map(|candidate| candidate.cost(&input).0).min();
        let head = self.head(booking, candidates);
        let month = BudgetMonth::of(head.at);
        let hold = Hold {
            month,
            amount: dearest.unwrap_or(PicoUsd::ZERO),
            input_cost: cheapest.unwrap_or(PicoUsd::ZERO),
            input_tokens: booking.input_tokens,
            until: head.at.plus(self.policy.total + self.policy.grace),
            call: head.clone(),
        };
        let limit = self.limits.limit(booking.scope).await?;
        // From here on: whoever goes away now, or loses the database, may have had the money held.
        let call = Call::new(self, booking, head);
        match self.ledger.hold(booking.scope, &hold, limit).await? {
            Held::Yes => Ok(call),
            Held::Refused(spending) => {
                call.forget();
                let limit = limit.unwrap_or(PicoUsd::new(i64::MAX));
                Err(Refusal::BudgetExceeded(Budget { limit, spending, resets_at: month.ends_at() }))
            }
        }
    }

    /// The first candidate's, as long as nobody was asked.
    fn head(&self, booking: Booking<'_>, candidates: &[Candidate]) -> CallHead {
        let first = &candidates[0];
        CallHead {
            id: self.env.id(),
            actor: booking.ctx.actor,
            correlation_id: booking.ctx.correlation_id.clone(),
            run: booking.run,
            operation: booking.operation,
            alias: first.alias,
            provider: first.target.provider,
            model: first.target.model.clone(),
            price: first.price.name(),
            at: self.env.now(),
        }
    }
}
