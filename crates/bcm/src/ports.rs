//! What the business context needs of a store.
//!
//! Repositories (`&mut self`) belong to a unit of work, which knows its workspace; readers (`&self`) take the scope
//! and make one round trip. Every method sees rows of that workspace only: an id of another one is `None`.

use crate::model::{ContextSummary, ContextVersion, Foundation, Icp, OnboardingSession};
use async_trait::async_trait;
use kernel::{IcpId, OnboardingId, Page, PageRequest, StoreResult, UnitOfWork, WorkspaceScope};

/// Onboarding sessions inside a unit of work.
#[async_trait]
pub trait OnboardingRepository: Send {
    /// Stores a new session. MUST answer [`Conflict`](kernel::StoreError::Conflict) when the workspace has an open
    /// one, also under concurrent units.
    async fn insert(&mut self, session: &OnboardingSession) -> StoreResult<()>;
    /// The session of this id.
    async fn find(&mut self, id: OnboardingId) -> StoreResult<Option<OnboardingSession>>;
    /// The session that is not finalised.
    async fn find_open(&mut self) -> StoreResult<Option<OnboardingSession>>;
    /// Stores the changed session, its new version included. MUST answer [`Stale`](kernel::StoreError::Stale) when
    /// the stored version is not `expected`.
    async fn save(&mut self, session: &OnboardingSession, expected: i32) -> StoreResult<()>;
}

/// The foundation inside a unit of work.
#[async_trait]
pub trait FoundationRepository: Send {
    /// Stores the workspace's first foundation. MUST answer [`Conflict`](kernel::StoreError::Conflict) when there is
    /// one.
    async fn insert(&mut self, foundation: &Foundation) -> StoreResult<()>;
    /// The workspace's foundation.
    async fn find(&mut self) -> StoreResult<Option<Foundation>>;
    /// Stores the changed foundation, its new version included. MUST answer [`Stale`](kernel::StoreError::Stale)
    /// when the stored version is not `expected`.
    async fn save(&mut self, foundation: &Foundation, expected: i32) -> StoreResult<()>;
}

/// Ideal customer profiles inside a unit of work.
#[async_trait]
pub trait IcpRepository: Send {
    /// Stores a new profile.
    async fn insert(&mut self, icp: &Icp) -> StoreResult<()>;
    /// The profile of this id.
    async fn find(&mut self, id: IcpId) -> StoreResult<Option<Icp>>;
    /// All profiles, by priority, then id.
    async fn list(&mut self) -> StoreResult<Vec<Icp>>;
    /// Stores the changed profile, its new version included. MUST answer [`Stale`](kernel::StoreError::Stale) when
    /// the stored version is not `expected`, or there is no such profile.
    async fn save(&mut self, icp: &Icp, expected: i32) -> StoreResult<()>;
    /// Removes the profile. MUST answer [`Stale`](kernel::StoreError::Stale) when the stored version is not
    /// `expected`, or there is no such profile.
    async fn delete(&mut self, id: IcpId, expected: i32) -> StoreResult<()>;
}

/// Versions of the business context inside a unit of work. There is no way to change one.
#[async_trait]
pub trait ContextRepository: Send {
    /// The version with the highest number.
    async fn current(&mut self) -> StoreResult<Option<ContextVersion>>;
    /// The version of this number.
    async fn find(&mut self, number: i32) -> StoreResult<Option<ContextVersion>>;
    /// Stores the version that follows the current one, and makes it current. MUST answer
    /// [`Stale`](kernel::StoreError::Stale) or [`Conflict`](kernel::StoreError::Conflict) when its number is not one
    /// more than the current one's, also under concurrent units: no number is stored twice or left out.
    async fn append(&mut self, version: &ContextVersion) -> StoreResult<()>;
}

/// A unit of work over the business context.
pub trait BcmTx: kernel::Tx {
    /// Onboarding sessions.
    fn onboarding(&mut self) -> &mut dyn OnboardingRepository;
    /// The foundation.
    fn foundations(&mut self) -> &mut dyn FoundationRepository;
    /// Ideal customer profiles.
    fn icps(&mut self) -> &mut dyn IcpRepository;
    /// Context versions.
    fn contexts(&mut self) -> &mut dyn ContextRepository;
}

/// The store's transactions over the business context.
pub type BcmUow = dyn UnitOfWork<dyn BcmTx, WorkspaceScope>;

/// Reads onboarding sessions.
#[async_trait]
pub trait OnboardingReader: Send + Sync {
    /// The session of this id.
    async fn find(&self, scope: &WorkspaceScope, id: OnboardingId) -> StoreResult<Option<OnboardingSession>>;
    /// The open session if there is one, else the one made last (by id).
    async fn find_latest(&self, scope: &WorkspaceScope) -> StoreResult<Option<OnboardingSession>>;
}

/// Reads the foundation.
#[async_trait]
pub trait FoundationReader: Send + Sync {
    /// The workspace's foundation.
    async fn find(&self, scope: &WorkspaceScope) -> StoreResult<Option<Foundation>>;
}

/// Reads ideal customer profiles.
#[async_trait]
pub trait IcpReader: Send + Sync {
    /// The profile of this id.
    async fn find(&self, scope: &WorkspaceScope, id: IcpId) -> StoreResult<Option<Icp>>;
    /// Those of the ids that are profiles of the workspace, by id, each once.
    async fn existing(&self, scope: &WorkspaceScope, ids: &[IcpId]) -> StoreResult<Vec<IcpId>>;
    /// A page of the profiles, oldest first (by id).
    async fn page(&self, scope: &WorkspaceScope, request: &PageRequest) -> StoreResult<Page<Icp>>;
}

/// Reads context versions.
#[async_trait]
pub trait ContextReader: Send + Sync {
    /// The version with the highest number.
    async fn current(&self, scope: &WorkspaceScope) -> StoreResult<Option<ContextVersion>>;
    /// The version of this number.
    async fn find(&self, scope: &WorkspaceScope, number: i32) -> StoreResult<Option<ContextVersion>>;
    /// A page of the versions without their documents, newest first (by number).
    async fn page(
        &self,
        scope: &WorkspaceScope,
        request: &PageRequest<i32>,
    ) -> StoreResult<Page<ContextSummary, i32>>;
    /// At most `limit` versions after `number`, in order of the numbers, as they are stored: a version that was
    /// tampered with MUST come too.
    async fn chain(&self, scope: &WorkspaceScope, after: i32, limit: u32)
    -> StoreResult<Vec<ContextVersion>>;
}
