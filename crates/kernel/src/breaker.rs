//! What processes tell each other of dependencies that are down.

use crate::Timestamp;
use async_trait::async_trait;
use serde::{Deserialize, Serialize};

/// A process has found a dependency down and leaves it alone until an instant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BreakerNote {
    /// The name of the dependency's breaker, the same in every process.
    pub dependency: String,
    /// When it was found down.
    pub since: Timestamp,
    /// Until when nobody calls it; then each process tries once for itself.
    pub until: Timestamp,
}

/// The board could not be reached, or not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the board of breakers is away: {0}")]
pub struct BoardAway(pub String);

/// Where processes put up notes of dependencies that they have found down, so that one's failures spare the others.
///
/// It is a help and no authority. Notes that are lost, late or doubled are harmless: each process finds out for itself
/// what it was not told. So nothing needs to be atomic or durable, and the caller neither waits for an answer nor tries
/// again: it gives a call up after two seconds, off the way of every request, and reads once in five seconds at most.
#[async_trait]
pub trait BreakerBoard: Send + Sync {
    /// Puts the note up in place of an earlier one of the same dependency. It MUST be gone by itself soon after
    /// `note.until`, as whoever put it up may have died.
    async fn put_up(&self, note: &BreakerNote) -> Result<(), BoardAway>;
    /// The dependency answers again: takes its note down, whoever put it up. There need not be one.
    async fn take_down(&self, dependency: &str) -> Result<(), BoardAway>;
    /// The notes of these dependencies, in any order; one that can't be read as a note MUST be left out, not fail the
    /// others. Notes that are over may be among them.
    async fn read(&self, dependencies: &[&str]) -> Result<Vec<BreakerNote>, BoardAway>;
}
