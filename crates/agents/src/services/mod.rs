//! The use cases.

mod council;
pub mod dispatch;
mod execute;
mod journal;
mod progress;
mod provider_keys;
mod runs;
mod strategy;
mod usage;

pub use council::{CouncilService, SEED_COUNCIL, WORKSPACE_CREATED};
pub use dispatch::{AliasView, AnswerPiece, AnswerStream, Dispatcher, ModelView, OngoingAnswer};
pub use execute::{PROVIDER_NOT_CONFIGURED, RunExecutor};
pub use progress::{Progress, ProgressService};
pub use provider_keys::{KeyView, ProviderKeyService, ProviderView};
pub use runs::{ABANDONED_AFTER, RUN_JOB, RunService};
pub use usage::{AnalyticsView, MonthView, UsageService};
