//! What workspaces need of a store and of other domains.

use crate::model::{
    Account, ApiKey, AuditFilter, Budget, Invitation, InvitationStatus, KeyStanding, Membership,
    MembershipKey, MyWorkspace, Person, PlatformAuditFilter, Slug, Workspace,
};
use async_trait::async_trait;
use kernel::{
    ApiKeyId, AuditEntry, CallContext, EmailAddress, InvitationId, JobId, JobTx, NewEvent, Page, PageRequest,
    Role, StoreResult, SystemScope, Timestamp, TokenHash, UnitOfWork, UserId, UserScope, WorkspaceId,
    WorkspaceScope,
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
    /// Gives the member another role. MUST answer `false` and change nothing when the person is no member.
    async fn change_role(&mut self, user: UserId, role: Role) -> StoreResult<bool>;
    /// Takes the membership away. MUST answer `false` when there is none.
    async fn remove(&mut self, user: UserId) -> StoreResult<bool>;
    /// How many members have this role.
    async fn count(&mut self, role: Role) -> StoreResult<i64>;
}

/// Invitations into the unit's workspace, inside a unit of work that holds the workspace.
#[async_trait]
pub trait InvitationRepository: Send {
    /// Stores an invitation with the hash of its token. MUST answer `Conflict` when the hash is taken, or when another
    /// invitation of the same address was neither accepted nor revoked.
    async fn insert(&mut self, invitation: &Invitation, token: &TokenHash) -> StoreResult<()>;
    /// The invitation with this id.
    async fn find(&mut self, id: InvitationId) -> StoreResult<Option<Invitation>>;
    /// The invitation of the address, by its lower-case form, that was neither accepted nor revoked; expired or not.
    async fn find_pending(&mut self, email: &EmailAddress) -> StoreResult<Option<Invitation>>;
    /// Uses the invitation up, in one atomic statement, if it is open at `at`; else MUST answer `false`, changing
    /// nothing.
    async fn accept(&mut self, id: InvitationId, by: UserId, at: Timestamp) -> StoreResult<bool>;
    /// Takes the invitation back, in one atomic statement, if it was neither accepted nor revoked; else MUST answer
    /// `false`, changing nothing.
    async fn revoke(&mut self, id: InvitationId, at: Timestamp) -> StoreResult<bool>;
    /// Takes back all that this person made and that are open at `at`. Answers them as they are then, by id.
    async fn revoke_of(&mut self, inviter: UserId, at: Timestamp) -> StoreResult<Vec<Invitation>>;
    /// Puts an address that is nobody's in the place of the invited one: the invited person is erased.
    async fn forget_address(&mut self, id: InvitationId) -> StoreResult<()>;
}

/// API keys of the unit's workspace, inside a unit of work.
#[async_trait]
pub trait ApiKeyRepository: Send {
    /// Stores a new key with the hash of its text. MUST answer `Conflict` when the id or the hash is there already.
    async fn insert(&mut self, key: &ApiKey, hash: &TokenHash) -> StoreResult<()>;
    /// The key of this id.
    async fn find(&mut self, id: ApiKeyId) -> StoreResult<Option<ApiKey>>;
    /// How many keys are neither revoked nor, at `now`, expired. Until the unit ends, another unit of the workspace
    /// that counts MUST wait: the last free place is not given away twice.
    async fn count_live(&mut self, now: Timestamp) -> StoreResult<u32>;
    /// Notes that the key was taken back. MUST answer `false` and change nothing when it was before, or is not there.
    async fn revoke(&mut self, id: ApiKeyId, at: Timestamp) -> StoreResult<bool>;
}

/// The AI budget of the unit's workspace, inside a unit of work.
#[async_trait]
pub trait BudgetRepository: Send {
    /// The budget, held until the unit ends; [`Budget::UNSET`] when nothing was said yet.
    async fn find(&mut self) -> StoreResult<Budget>;
    /// Stores the budget as the successor of the version before it. MUST answer `Stale` when another one is stored.
    async fn save(&mut self, budget: &Budget, at: Timestamp) -> StoreResult<()>;
}

/// What a unit of work over workspaces offers.
pub trait WorkspaceTx: JobTx {
    /// The unit's workspace.
    fn workspaces(&mut self) -> &mut dyn WorkspaceRepository;
    /// Its members.
    fn memberships(&mut self) -> &mut dyn MembershipRepository;
    /// Who is invited into it.
    fn invitations(&mut self) -> &mut dyn InvitationRepository;
    /// Its API keys.
    fn api_keys(&mut self) -> &mut dyn ApiKeyRepository;
    /// Its AI budget.
    fn budgets(&mut self) -> &mut dyn BudgetRepository;
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

/// Reads invitations.
#[async_trait]
pub trait InvitationReader: Send + Sync {
    /// The invitation with this id, of the scope's workspace.
    async fn find(&self, scope: &WorkspaceScope, id: InvitationId) -> StoreResult<Option<Invitation>>;
    /// Invitations into the scope's workspace, the newest first; those in this state at `now` only, when one is named.
    async fn page(
        &self,
        scope: &WorkspaceScope,
        status: Option<InvitationStatus>,
        now: Timestamp,
        request: &PageRequest,
    ) -> StoreResult<Page<Invitation>>;
    /// The invitation that the token with this hash belongs to, whatever its workspace and state.
    async fn find_by_token(&self, scope: &SystemScope, token: &TokenHash) -> StoreResult<Option<Invitation>>;
    /// Every invitation of the address, by its lower-case form, and every one that the person has accepted under whatever
    /// address they had then; whatever its workspace and state; by id.
    async fn list_to(
        &self,
        scope: &SystemScope,
        email: &EmailAddress,
        person: UserId,
    ) -> StoreResult<Vec<Invitation>>;
    /// Every invitation that the person made, whatever its workspace and state; by id.
    async fn list_by(&self, scope: &SystemScope, inviter: UserId) -> StoreResult<Vec<Invitation>>;
}

/// Reads the API keys of a workspace.
#[async_trait]
pub trait ApiKeyReader: Send + Sync {
    /// Keys of the scope's workspace by id descending, those that ended too.
    async fn page(&self, scope: &WorkspaceScope, request: &PageRequest) -> StoreResult<Page<ApiKey>>;
}

/// Finds API keys before it is known in which workspace they let in.
#[async_trait]
pub trait ApiKeyDirectory: Send + Sync {
    /// The key whose text has this hash, revoked and expired ones too. MUST answer `None` alike when there is none, when
    /// its workspace is not live, and when its maker is no member of it any more or has no active account.
    async fn find_standing(&self, scope: &SystemScope, hash: &TokenHash) -> StoreResult<Option<KeyStanding>>;
    /// Notes a use of the key. MUST keep a later one that is noted already.
    async fn note_use(&self, scope: &SystemScope, key: ApiKeyId, at: Timestamp) -> StoreResult<()>;
    /// Every key that the person made, whatever its workspace and state; by id.
    async fn list_by(&self, scope: &SystemScope, maker: UserId) -> StoreResult<Vec<ApiKey>>;
}

/// Reads AI budgets.
#[async_trait]
pub trait BudgetReader: Send + Sync {
    /// The budget of the scope's workspace; [`Budget::UNSET`] when nothing was said yet.
    async fn find(&self, scope: &WorkspaceScope) -> StoreResult<Budget>;
}

/// Forgets workspaces.
#[async_trait]
pub trait WorkspacePurge: Send + Sync {
    /// Deletes every row of a workspace that is deleted, of every domain, its own last, and with that tells `told` in the
    /// platform's trail. There may be more rows than a transaction has time for: MAY take place in several, so what is cut
    /// short is partly done, and the next call does the rest. MUST answer `false` and change nothing when there is no such
    /// workspace, or it is in use. The `job` that asks for it MUST stay, as no workspace's once all is done, so that it can
    /// be settled.
    async fn purge(
        &self,
        scope: &SystemScope,
        workspace: WorkspaceId,
        job: JobId,
        told: NewEvent,
    ) -> StoreResult<bool>;
}

/// Knows who people are: those in a workspace that the caller is in, and those whom the caller names.
#[async_trait]
pub trait Directory: Send + Sync {
    /// The account with this address, by its lower-case form. MUST leave out people who may not come in.
    async fn find_by_email(&self, email: &EmailAddress) -> StoreResult<Option<Account>>;
    /// The account of this person. MUST leave out people who may not come in.
    async fn find(&self, user: UserId) -> StoreResult<Option<Account>>;
    /// Names and addresses of these people in one round trip; who is not known is left out.
    async fn people(&self, users: &[UserId]) -> StoreResult<HashMap<UserId, Person>>;
}
