//! What workspaces need of a store and of other domains.

use crate::model::{
    AuditFilter, Membership, MembershipKey, MyWorkspace, Person, PlatformAuditFilter, Slug, Workspace,
};
use async_trait::async_trait;
use kernel::{
    AuditEntry, CallContext, Page, PageRequest, StoreResult, SystemScope, Tx, UnitOfWork, UserId, UserScope,
    WorkspaceId, WorkspaceScope,
};
use std::collections::HashMap;

/// The unit's own workspace, inside a unit of work.
#[async_trait]
pub trait WorkspaceRepository: Send {
    /// Stores the new workspace of this unit. MUST answer `Conflict` when the id is there already.
    async fn insert(&mut self, workspace: &Workspace) -> StoreResult<()>;
    /// The workspace of this unit, held until the unit ends so that a save does not meet another one's. MUST answer
    /// `None` for one that is deleted.
    async fn find(&mut self) -> StoreResult<Option<Workspace>>;
    /// Stores the workspace when its row has version `expected`. MUST answer `Stale` when it has another one.
    async fn save(&mut self, workspace: &Workspace, expected: i32) -> StoreResult<()>;
    /// Slugs of the other live workspaces that this person is a member of. `user` is the actor of the unit's scope;
    /// MUST leave the unit's own workspace out. Until the unit ends, another unit that asks for the same person's MUST
    /// wait: what is free here is not given away there.
    async fn slugs_of(&mut self, user: UserId) -> StoreResult<Vec<Slug>>;
}

/// Members of the unit's workspace, inside a unit of work.
#[async_trait]
pub trait MembershipRepository: Send {
    /// Stores a membership. MUST answer `Conflict` when the person is a member already, `Dangling` when the workspace
    /// is not there. A store that also keeps people answers `Dangling` for an unknown one too.
    async fn insert(&mut self, membership: &Membership) -> StoreResult<()>;
    /// The membership of this person in the unit's workspace.
    async fn find(&mut self, user: UserId) -> StoreResult<Option<Membership>>;
}

/// What a unit of work over workspaces offers.
pub trait WorkspaceTx: Tx {
    /// The unit's workspace.
    fn workspaces(&mut self) -> &mut dyn WorkspaceRepository;
    /// Its members.
    fn memberships(&mut self) -> &mut dyn MembershipRepository;
}

/// The store of workspaces.
pub type WorkspaceUow = dyn UnitOfWork<dyn WorkspaceTx, WorkspaceScope>;

/// Reads workspaces, one round trip each.
#[async_trait]
pub trait WorkspaceReader: Send + Sync {
    /// The scope's workspace unless it is deleted.
    async fn find(&self, scope: &WorkspaceScope) -> StoreResult<Option<Workspace>>;
    /// Live workspaces of this person, the oldest membership first, ties by workspace id ascending.
    async fn list_mine(
        &self,
        scope: &UserScope,
        request: &PageRequest<MembershipKey>,
    ) -> StoreResult<Page<MyWorkspace, MembershipKey>>;
    /// The first of [`Self::list_mine`].
    async fn first_of(&self, scope: &UserScope) -> StoreResult<Option<MyWorkspace>>;
}

/// Reads the members of a workspace.
#[async_trait]
pub trait MembershipReader: Send + Sync {
    /// Members of the scope's workspace, the oldest membership first, ties by user id ascending.
    async fn page(
        &self,
        scope: &WorkspaceScope,
        request: &PageRequest<MembershipKey>,
    ) -> StoreResult<Page<Membership, MembershipKey>>;
    /// Whether the person is a member of one of these live workspaces. Asked by somebody who is in all of them.
    async fn is_in_any(&self, user: UserId, workspaces: &[WorkspaceId]) -> StoreResult<bool>;
}

/// Reads the trail of a workspace.
#[async_trait]
pub trait AuditReader: Send + Sync {
    /// Facts of the scope's workspace that the filter shows, the newest (highest number) first. The sort key is the
    /// number.
    async fn page(
        &self,
        scope: &WorkspaceScope,
        filter: &AuditFilter,
        request: &PageRequest<i64>,
    ) -> StoreResult<Page<AuditEntry, i64>>;
}

/// Reads everybody's trail.
#[async_trait]
pub trait PlatformAuditReader: Send + Sync {
    /// Facts of every workspace and person that the filter shows, the newest (highest id) first.
    async fn page_all(
        &self,
        scope: &SystemScope,
        filter: &PlatformAuditFilter,
        request: &PageRequest,
    ) -> StoreResult<Page<AuditEntry>>;
}

/// Knows who administers the platform.
#[async_trait]
pub trait Administrators: Send + Sync {
    /// Whether whoever calls does, now.
    async fn is_administrator(&self, ctx: &CallContext) -> StoreResult<bool>;
}

/// Knows who people are. Asked only for members of a workspace that the caller is in.
#[async_trait]
pub trait Directory: Send + Sync {
    /// Names and addresses of these people in one round trip; who is not known is left out.
    async fn people(&self, users: &[UserId]) -> StoreResult<HashMap<UserId, Person>>;
}
