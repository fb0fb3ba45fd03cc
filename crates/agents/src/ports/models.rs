//! What is needed to call language models: providers, the lists of models and prices, the ledger, and somewhere to keep
//! answers.

use crate::model::dispatch::{
    Answer, BudgetMonth, CallGroup, CatalogueFile, Delta, Embeddings, Held, Hold, Model, ModelCall,
    ModelFailure, ModelRequest, Price, PriceFile, Provider, ProviderKey, Refusal, Reply, Spending, Target,
    Wanted,
};
use async_trait::async_trait;
use futures_util::{future::BoxFuture, stream::BoxStream};
use kernel::{
    CacheAway, CacheKey, CacheShelf, Page, PageRequest, PicoUsd, StoreResult, SystemScope, Timestamp,
    UserScope, Violation, WorkspaceScope,
};
use std::{sync::Arc, time::Duration};
use tracing::Span;

/// An answer that comes bit by bit. It ends after [`Delta::End`] or a failure. Dropping it MUST close the connection to the
/// provider at once.
pub type ReplyStream = BoxStream<'static, Result<Delta, ModelFailure>>;

/// How long a call may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadlines {
    /// Until the first piece of an answer.
    pub first_token: Duration,
    /// Until the last one.
    pub total: Duration,
}

/// One provider of language models, spoken to in its own words.
///
/// An adapter MUST make one attempt and no other; MUST NOT have a side effect that outlives a drop of its future, but for closing
/// the connection; and MUST tell usage, ends, refusals and failures in this crate's words. It MUST NOT fail on fields, events and
/// values that it does not know. `model` says under which name the provider serves it; the request is
/// [fitted](ModelRequest::fitted) already.
#[async_trait]
pub trait LanguageModel: Send + Sync {
    /// Which provider.
    fn provider(&self) -> Provider;
    /// Whether a regional endpoint serves the model, which some models cost more at.
    fn is_regional(&self, model: &Model) -> bool {
        let _ = model;
        false
    }
    /// Asks for an answer in one piece.
    async fn generate(
        &self,
        model: &Model,
        request: &ModelRequest,
        deadlines: Deadlines,
    ) -> Result<Reply, ModelFailure>;
    /// Asks for an answer bit by bit; answers once the provider has accepted the request.
    async fn stream(
        &self,
        model: &Model,
        request: &ModelRequest,
        deadlines: Deadlines,
    ) -> Result<ReplyStream, ModelFailure>;
    /// Counts the input as the provider does, where it can be asked; else by our own estimate.
    async fn count(
        &self,
        model: &Model,
        request: &ModelRequest,
        deadlines: Deadlines,
    ) -> Result<u64, ModelFailure>;
    /// Asks for the vectors of texts, in their order.
    async fn embed(
        &self,
        model: &Model,
        texts: &[String],
        deadlines: Deadlines,
    ) -> Result<Embeddings, ModelFailure>;
}

/// Those whom a workspace asks: each provider once.
pub type Providers = Arc<[Arc<dyn LanguageModel>]>;

/// Knows whom a workspace asks, and with whose key.
#[async_trait]
pub trait ModelProviders: Send + Sync {
    /// A provider whose key was lent is asked with it or, when it can't be used, not at all; the others with the installation's.
    async fn of(&self, scope: &WorkspaceScope) -> StoreResult<Providers>;
}

/// The keys that a workspace was lent, inside a unit of work.
#[async_trait]
pub trait ProviderKeyRepository: Send {
    /// Stores the key in the place of the one of the same provider.
    async fn put(&mut self, key: &ProviderKey) -> StoreResult<()>;
    /// Forgets the key of the provider; `false` when there was none.
    async fn remove(&mut self, provider: Provider) -> StoreResult<bool>;
}

/// Reads the keys that workspaces were lent.
#[async_trait]
pub trait ProviderKeyReader: Send + Sync {
    /// Those of the workspace, by the names of their providers.
    async fn list(&self, scope: &WorkspaceScope) -> StoreResult<Vec<ProviderKey>>;
}

/// What people keep as their own.
#[async_trait]
pub trait OwnSecrets: Send + Sync {
    /// What is wrong with the person's secret of this name as the provider's key; `None` when it can be used. The provider is
    /// not asked.
    async fn flaw(
        &self,
        owner: &UserScope,
        provider: Provider,
        name: &str,
    ) -> crate::Result<Option<Violation>>;
}

/// Which models there are.
pub trait ModelCatalogue: Send + Sync {
    /// The model of this id, as it is at an instant.
    fn find(&self, id: &str, at: Timestamp) -> Option<&Model>;
    /// The targets to try, in their order; empty for what nobody knows.
    fn targets(&self, wanted: &Wanted, at: Timestamp) -> Vec<Target>;
    /// Those that are served at an instant, by their ids.
    fn all(&self, at: Timestamp) -> Vec<&Model>;
}

impl ModelCatalogue for CatalogueFile {
    fn find(&self, id: &str, at: Timestamp) -> Option<&Model> {
        self.find(id, at)
    }

    fn targets(&self, wanted: &Wanted, at: Timestamp) -> Vec<Target> {
        self.targets(wanted, at)
    }

    fn all(&self, at: Timestamp) -> Vec<&Model> {
        self.all(at).collect()
    }
}

/// What models cost.
pub trait PriceBook: Send + Sync {
    /// The row that holds for a model at an instant. Without one nobody may call it.
    fn find(&self, model: &str, at: Timestamp) -> Option<&Price>;
}

impl PriceBook for PriceFile {
    fn find(&self, model: &str, at: Timestamp) -> Option<&Price> {
        self.find(model, at)
    }
}

/// What a workspace may spend on models, as the owner, the plan and the installation say it.
#[async_trait]
pub trait BudgetLimits: Send + Sync {
    /// The limit of a month that holds; `None` when there is none.
    async fn limit(&self, scope: &WorkspaceScope) -> StoreResult<Option<PicoUsd>>;
}

/// What calls of models cost, to the pico-dollar.
///
/// At any time `spent` of a month is the sum of the costs in its ledger rows, and `reserved` that of its holds; with a limit
/// `spent + reserved` MUST NOT have been above it at the moment when money was held back. Each method is one transaction, which
/// MUST NOT be open while a provider is asked.
#[async_trait]
pub trait BudgetLedger: Send + Sync {
    /// Holds money back, when it fits under the limit. The check and the change MUST be one statement, whoever else calls.
    async fn hold(&self, scope: &WorkspaceScope, hold: &Hold, limit: Option<PicoUsd>) -> StoreResult<Held>;
    /// Ends the hold of the call and writes its row; the cost counts in the month of the hold, or of the call when there was
    /// none. A second time MUST change nothing, but for a call that was written off as lost: its row becomes the true one.
    async fn settle(&self, scope: &WorkspaceScope, call: &ModelCall) -> StoreResult<()>;
    /// Ends the holds whose time is over, so many at most, each with a row at the cost of its input; answers how many.
    async fn write_off(&self, scope: &SystemScope, now: Timestamp, most: u32) -> StoreResult<u32>;
}

/// Why an answer is not kept.
#[derive(Debug, Clone)]
pub enum Uncached {
    /// There is none.
    Refused(Refusal),
    /// It is blocked, cut short, or wants something done: good for those who asked at the same time, and for nobody later.
    Answered(Box<Answer>),
}

/// Keeps answers for a while.
#[async_trait]
pub trait ResponseCache: Send + Sync {
    /// What is kept there, or what `make` makes, which is then kept for `stays`. Of those who ask at the same time one MUST
    /// make it, and all get what that comes to; when the maker goes away, the next one makes it.
    async fn get<'m>(
        &'m self,
        key: CacheKey,
        stays: Duration,
        make: BoxFuture<'m, Result<Vec<u8>, Uncached>>,
    ) -> Result<Arc<[u8]>, Uncached>;
    /// Forgets a workspace's answers at once.
    async fn clear(&self, shelf: CacheShelf) -> Result<(), CacheAway>;
}

/// What was asked, and answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Content {
    /// The question.
    pub request: ModelRequest,
    /// The answer; none of a call that has none.
    pub reply: Option<Reply>,
}

/// Sees how calls end, for metrics and traces.
pub trait CallWatch: Send + Sync {
    /// Whether it is shown what was asked and answered.
    fn sees_content(&self) -> bool;
    /// A call has ended; `span` is what traces have of it. MUST answer at once.
    fn ended(&self, span: &Span, call: &ModelCall, content: Option<&Content>);
}

/// Finishes what a caller began who has gone away.
pub trait Afterwards: Send + Sync {
    /// Has it done soon, whoever waits for it or not.
    fn finish(&self, rest: BoxFuture<'static, ()>);
}

/// Reads the ledger.
#[async_trait]
pub trait ModelCallReader: Send + Sync {
    /// Calls that have ended, the newest first (by id, descending).
    async fn page(&self, scope: &WorkspaceScope, request: &PageRequest) -> StoreResult<Page<ModelCall>>;
    /// Those of a month, counted by day, operation, provider, model and end, in no order. The sum of their costs MUST be what was
    /// spent in it.
    async fn groups(&self, scope: &WorkspaceScope, month: BudgetMonth) -> StoreResult<Vec<CallGroup>>;
    /// What was spent in a month, and is held.
    async fn spending(&self, scope: &WorkspaceScope, month: BudgetMonth) -> StoreResult<Spending>;
}
