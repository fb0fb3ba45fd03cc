//! What an operator sees of a store: how full its pools are, how much waits in it, how often it failed.

use crate::{StoreResult, SystemScope, Timestamp};
use async_trait::async_trait;

/// A pool of connections at this moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolGauge {
    /// Which one; one of a few words.
    pub name: &'static str,
    /// How many connections it may open.
    pub most: usize,
    /// How many are open.
    pub open: usize,
    /// How many of those nobody uses.
    pub idle: usize,
    /// How many callers wait for one.
    pub waiting: usize,
}

impl PoolGauge {
    /// How many connections are lent.
    #[must_use]
    pub const fn in_use(&self) -> usize {
        self.open.saturating_sub(self.idle)
    }
}

/// How many jobs there are of the states that matter to an operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct QueueDepth {
    /// Waiting, due or not.
    pub queued: i64,
    /// At work.
    pub running: i64,
    /// Dead letters.
    pub failed: i64,
}

/// How often a store did not do what it was asked, by the reason; one of a few words.
pub type FailureCounts = Vec<(&'static str, u64)>;

/// Where a store can be watched.
#[async_trait]
pub trait StoreGauges: Send + Sync {
    /// Its pools, in the same order every time; none when it has no connections. MUST not wait.
    fn pools(&self) -> Vec<PoolGauge>;
    /// How often it failed since the process began: every reason that there is, 0 included. MUST not wait. What a rule of
    /// the schema refuses (a unique key, a reference) is no failure.
    fn failures(&self) -> FailureCounts;
    /// When the oldest fact happened that no relay has handed on; `None` when none waits.
    async fn unpublished_since(&self, scope: &SystemScope) -> StoreResult<Option<Timestamp>>;
    /// How many jobs there are of each state that matters. MUST not read those that have done their work.
    async fn queue_depth(&self, scope: &SystemScope) -> StoreResult<QueueDepth>;
}
