//! Keeping what was costly to make, for a while.

use crate::{WorkspaceId, WorkspaceScope};
use async_trait::async_trait;
use std::{fmt, time::Duration};

/// The largest value that a cache keeps, in bytes.
pub const LARGEST_CACHED: usize = 256 * 1024;

/// Whose something cached is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CacheShelf(Option<WorkspaceId>);

impl CacheShelf {
    /// What belongs to no tenant, and may be seen by all.
    pub const COMMON: Self = Self(None);

    /// A workspace's own: nobody comes to it without proof of access.
    #[must_use]
    pub const fn of(scope: &WorkspaceScope) -> Self {
        Self(Some(scope.workspace()))
    }

    /// The place of this name on it.
    #[must_use]
    pub fn key(self, name: impl Into<String>) -> CacheKey {
        CacheKey { shelf: self, name: name.into() }
    }
}

impl fmt::Display for CacheShelf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(workspace) => workspace.fmt(f),
            None => f.write_str("common"),
        }
    }
}

/// Where something cached stands.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CacheKey {
    shelf: CacheShelf,
    name: String,
}

impl CacheKey {
    /// Whose it is.
    #[must_use]
    pub const fn shelf(&self) -> CacheShelf {
        self.shelf
    }

    /// Its name on the shelf: what the value follows from, such as a hash of a request.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl fmt::Display for CacheKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.shelf, self.name)
    }
}

/// A shelf as it was found: clearing it makes another one of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CacheEdition(pub String);

/// What stands at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cached {
    /// A value whose time is not over.
    Value(Vec<u8>),
    /// Nothing. A value that is made now goes into this edition of the shelf.
    Nothing(CacheEdition),
}

/// The cache could not be asked. Whoever looks or puts goes on without it; whoever clears must be told.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the cache is away: {0}")]
pub struct CacheAway(pub String);

/// Keeps values that can be made again, in this process or for all of them.
///
/// Values may be gone at any time. What was cleared MUST NOT come back, neither by a value that was under way nor by the
/// cache losing a part of what it knows. Asking MUST NOT keep a request waiting: a cache that does not answer at once is
/// away.
#[async_trait]
pub trait Cache: Send + Sync {
    /// What stands there.
    async fn look(&self, key: &CacheKey) -> Result<Cached, CacheAway>;
    /// Puts a value there for so long, in place of an earlier one. Nothing is kept when the shelf was cleared since
    /// `edition`, when the value is larger than [`LARGEST_CACHED`], nor for no time.
    async fn put(
        &self,
        key: &CacheKey,
        edition: &CacheEdition,
        value: &[u8],
        stays: Duration,
    ) -> Result<(), CacheAway>;
    /// Empties a shelf at once, however much stands on it. Others stay as they are.
    async fn clear(&self, shelf: CacheShelf) -> Result<(), CacheAway>;
}
