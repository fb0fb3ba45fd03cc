//! Who does the work.

use crate::{StoreResult, SystemScope, Timestamp};
use async_trait::async_trait;
use std::time::Duration;

/// A worker, as it says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkerNote {
    /// Unlike every other's.
    pub name: String,
    /// Since when it works.
    pub started_at: Timestamp,
    /// When it said so last.
    pub seen_at: Timestamp,
    /// How many jobs it runs.
    pub running: i32,
}

impl WorkerNote {
    /// How often a worker says that it is there.
    pub const BEAT: Duration = Duration::from_secs(10);
    /// How long a worker may be silent before it counts as gone.
    pub const SILENCE: Duration = Duration::from_secs(30);
    /// How long one that is gone is remembered.
    pub const REMEMBERED: Duration = Duration::from_secs(24 * 60 * 60);
}

/// Where workers say that they are there.
#[async_trait]
pub trait WorkerRegistry: Send + Sync {
    /// Notes the worker, in place of what it said before. MUST forget those that were silent for
    /// [`WorkerNote::REMEMBERED`].
    async fn announce(&self, scope: &SystemScope, note: &WorkerNote) -> StoreResult<()>;
    /// Forgets the worker, which has ended.
    async fn leave(&self, scope: &SystemScope, name: &str) -> StoreResult<()>;
    /// Workers that were seen since, by name.
    async fn list_workers(&self, scope: &SystemScope, since: Timestamp) -> StoreResult<Vec<WorkerNote>>;
    /// What time it is there at this moment, by the clock of the machine that all of them share; `None` when that is the
    /// caller's own.
    async fn time(&self, scope: &SystemScope) -> StoreResult<Option<Timestamp>>;
}
