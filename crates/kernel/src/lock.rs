//! Keeping others from doing the same at the same time, where it would do no harm if they did.

use async_trait::async_trait;
use std::time::Duration;

/// Proof of holding a lock, to let it go by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldLock {
    /// The lock.
    pub name: String,
    /// Which holding of it: whoever held it before has another one.
    pub token: String,
}

/// The locks could not be asked: whoever asked does as if there were none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the locks are away: {0}")]
pub struct LocksAway(pub String);

/// Locks between processes that save work and guarantee nothing.
///
/// A lock gets lost: its time runs out while its holder is still at work, or whoever keeps it restarts. Then two hold
/// it. So it MUST only be used where two at once are a waste and no harm. What must happen once is a matter of the
/// store: a version, a unique key, a row that is locked in the unit of work.
#[async_trait]
pub trait Locks: Send + Sync {
    /// Takes the lock for so long at most; `None` when somebody holds it. MUST NOT wait for them.
    async fn take(&self, name: &str, at_most: Duration) -> Result<Option<HeldLock>, LocksAway>;
    /// Lets it go. What somebody else holds by now MUST stay theirs.
    async fn release(&self, held: &HeldLock) -> Result<(), LocksAway>;
}
