//! Calls of language models: what is asked and answered, which models there are, and what they cost.

mod ask;
mod budget;
mod call;
pub mod catalogue;
mod estimate;
mod failure;
mod fit;
mod policy;
pub mod price;
mod provider;
mod provider_key;
mod refusal;
mod reply;
mod request;
mod tally;
mod usage;

pub use ask::{Answer, Ask, Source, Vectors};
pub use budget::{BudgetMonth, Held, Hold, Spending};
pub use call::{CallEnd, CallHead, ModelCall, Operation};
pub use catalogue::{CatalogueFile, CatalogueFileError, Model, ModelKind, Publisher};
pub use estimate::{tokens_in, tokens_of};
pub use failure::{FailureKind, ModelFailure, Next};
pub use fit::LONGEST_CONVERSATION;
pub use policy::{CHARGED_FAILURES, DispatchPolicy};
pub use price::{Price, PriceFile, PriceFileError, ServiceTier, Terms, Unpriced};
pub use provider::{NotATarget, Provider, Target, Wanted};
pub use provider_key::ProviderKey;
pub use refusal::{Budget, Refusal, Unanswered};
pub use reply::{Delta, Embeddings, Finish, Reply};
pub use request::{Message, ModelRequest, Part, Speaker, Tool, ToolChoice};
pub use tally::{CallGroup, CallSums, CallTally};
pub use usage::Usage;
