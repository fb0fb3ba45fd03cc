//! Proofs of what a call may touch. No repository of tenant data can be called without one.

use crate::{
    Actor, ApiKeyId, CallContext, Denied, Job, KeyScopes, Permission, ScopeError, StoreResult, UserId,
    WorkspaceId,
};
use async_trait::async_trait;
use serde::{Deserialize, Serialize};

/// What a member may do in a workspace; ordered, the owner highest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Reads and works.
    Member,
    /// Manages members, settings, keys and agents too.
    Admin,
    /// Billing, AI budget, deletion and ownership too.
    Owner,
}

impl Role {
    /// Every role, lowest first.
    pub const ALL: [Self; 3] = [Self::Member, Self::Admin, Self::Owner];

    /// The stable name, as stored and on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Admin => "admin",
            Self::Owner => "owner",
        }
    }

    /// The role of a stored name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }
}

/// Tells who is a member where.
#[async_trait]
pub trait Memberships: Send + Sync {
    /// The user's role in a live workspace. MUST answer `None` alike for a workspace that does not exist, that is
    /// deleted, and that the user is no member of.
    async fn role_of(&self, user: UserId, workspace: WorkspaceId) -> StoreResult<Option<Role>>;
}

/// Proof that this actor acts in this workspace with this role.
///
/// The fields are private: a request gets one from [`WorkspaceScope::authorise`] only. The other makers are named
/// for their one use, and a test lists who calls them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WorkspaceScope {
    workspace: WorkspaceId,
    actor: Actor,
    role: Role,
    key_scopes: Option<KeyScopes>,
}

impl WorkspaceScope {
    /// The membership check.
    ///
    /// # Errors
    /// [`ScopeError::NotAMember`] for an unknown workspace and for a foreign one alike.
    pub async fn authorise(
        memberships: &dyn Memberships,
        ctx: &CallContext,
        workspace: WorkspaceId,
    ) -> Result<Self, ScopeError> {
        let user = ctx.actor.user().ok_or(ScopeError::NotAMember)?;
        let role = memberships.role_of(user, workspace).await?.ok_or(ScopeError::NotAMember)?;
        Ok(Self { workspace, actor: ctx.actor, role, key_scopes: None })
    }

    /// For the unit of work that makes the workspace: its maker is about to be its owner.
    #[must_use]
    pub const fn for_creation(maker: UserId, workspace: WorkspaceId) -> Self {
        Self { workspace, actor: Actor::User(maker), role: Role::Owner, key_scopes: None }
    }

    /// For what the token of an invitation opens: a look at it, and the unit of work that makes the invited person a
    /// member. Nobody has logged in, so nobody acts, with the lowest role.
    #[must_use]
    pub const fn for_invitation(workspace: WorkspaceId) -> Self {
        Self { workspace, actor: Actor::Anonymous, role: Role::Member, key_scopes: None }
    }

    /// For a program whose API key was checked. `role` is that of the key's maker now; a key never acts as an owner.
    #[must_use]
    pub fn for_api_key(key: ApiKeyId, workspace: WorkspaceId, role: Role, scopes: KeyScopes) -> Self {
        Self { workspace, actor: Actor::ApiKey(key), role: role.min(Role::Admin), key_scopes: Some(scopes) }
    }

    /// For the handler of a job, from the job's own row; `None` for a job of no workspace.
    ///
    /// The job was enqueued by a use case that had checked the role, so it acts with the highest.
    #[must_use]
    pub fn for_job(job: &Job) -> Option<Self> {
        Some(Self { workspace: job.workspace_id?, actor: job.actor, role: Role::Owner, key_scopes: None })
    }

    /// For taking a person who is being erased out of a workspace that they are a member of. They can't call any more,
    /// and perhaps somebody else has them erased.
    #[must_use]
    pub const fn for_departure(person: UserId, workspace: WorkspaceId) -> Self {
        Self { workspace, actor: Actor::User(person), role: Role::Owner, key_scopes: None }
    }

    /// For what a use case that has allowed its caller asks of another domain: the role stays, and an API key need not
    /// have been given the other domain's scopes too.
    #[must_use]
    pub const fn delegated(&self) -> Self {
        Self { key_scopes: None, ..*self }
    }

    /// For tests, without a membership.
    #[cfg(any(test, feature = "testing"))]
    #[must_use]
    pub const fn for_test(workspace: WorkspaceId, user: UserId, role: Role) -> Self {
        Self { workspace, actor: Actor::User(user), role, key_scopes: None }
    }

    /// The tenant.
    #[must_use]
    pub const fn workspace(&self) -> WorkspaceId {
        self.workspace
    }

    /// Who acts.
    #[must_use]
    pub const fn actor(&self) -> Actor {
        self.actor
    }

    /// With which role.
    #[must_use]
    pub const fn role(&self) -> Role {
        self.role
    }

    /// Lets pass who has the permission: by their role, and a key by what it was given.
    ///
    /// # Errors
    /// [`Denied`] for a lower role, or a key without the scope.
    pub fn require(&self, needs: Permission) -> Result<(), Denied> {
        if self.key_scopes.is_some_and(|scopes| !scopes.contain(needs.scope)) {
            return Err(Denied::Scope(needs.scope));
        }
        if self.role >= needs.role { Ok(()) } else { Err(Denied::Role(needs.role)) }
    }
}

/// Proof that a person acts on what is their own: profile, sessions, list of workspaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UserScope(UserId);

impl UserScope {
    /// The scope of the person who calls; `None` when nobody has logged in.
    #[must_use]
    pub fn of(ctx: &CallContext) -> Option<Self> {
        ctx.actor.user().map(Self)
    }

    /// For finding where a person who is being erased is a member; as [`WorkspaceScope::for_departure`].
    #[must_use]
    pub const fn for_departure(person: UserId) -> Self {
        Self(person)
    }

    /// For the secret that a person has lent to a workspace, which others use there.
    #[must_use]
    pub const fn for_loan(lender: UserId) -> Self {
        Self(lender)
    }

    /// The person.
    #[must_use]
    pub const fn user(&self) -> UserId {
        self.0
    }
}

/// Access to what must be read before a tenant or a person is known: users by address, sessions, mail tokens, the
/// job queue, the outbox. On PostgreSQL it means the system role, which only those tables' policies name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SystemScope(());

impl SystemScope {
    /// For finding out who calls.
    #[must_use]
    pub const fn for_authentication() -> Self {
        Self(())
    }

    /// For claiming and settling jobs.
    #[must_use]
    pub const fn for_worker() -> Self {
        Self(())
    }

    /// For what an administrator of the platform may see and change of everybody, after the check that it is one.
    #[must_use]
    pub const fn for_administration() -> Self {
        Self(())
    }

    /// For handing out or erasing all that is held of one person, after the check that it is for them.
    #[must_use]
    pub const fn for_personal_data() -> Self {
        Self(())
    }

    /// For publishing what is in the outbox.
    #[must_use]
    pub const fn for_relay() -> Self {
        Self(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Area, CorrelationId, KeyScope};

    struct OnlyMember(UserId, WorkspaceId);

    #[async_trait]
    impl Memberships for OnlyMember {
        async fn role_of(&self, user: UserId, workspace: WorkspaceId) -> StoreResult<Option<Role>> {
            Ok((user == self.0 && workspace == self.1).then_some(Role::Member))
        }
    }

    fn call(actor: Actor) -> CallContext {
        CallContext::new(actor, CorrelationId::parse("test-call").unwrap())
    }

    #[tokio::test]
    async fn a_stranger_an_unknown_workspace_and_nobody_are_refused_alike() {
        let (user, home) =
            (UserId::from(uuid::Uuid::from_u128(1)), WorkspaceId::from(uuid::Uuid::from_u128(2)));
        let memberships = OnlyMember(user, home);
        let scope = WorkspaceScope::authorise(&memberships, &call(Actor::User(user)), home).await.unwrap();
        assert_eq!((scope.workspace(), scope.role()), (home, Role::Member));
        let elsewhere = WorkspaceId::from(uuid::Uuid::from_u128(3));
        let stranger = UserId::from(uuid::Uuid::from_u128(4));
        for (actor, workspace) in
            [(Actor::User(user), elsewhere), (Actor::User(stranger), home), (Actor::Anonymous, home)]
        {
            let refused = WorkspaceScope::authorise(&memberships, &call(actor), workspace).await;
            assert_eq!(refused, Err(ScopeError::NotAMember));
        }
    }

    #[test]
    fn a_role_lets_the_higher_ones_pass() {
        let scope = |role| WorkspaceScope::for_test(uuid::Uuid::nil().into(), uuid::Uuid::nil().into(), role);
        for has in Role::ALL {
            for needs in Role::ALL {
                assert_eq!(scope(has).require(Area::Moves.write().by(needs)).is_ok(), has >= needs);
            }
            assert_eq!(Role::from_name(has.name()), Some(has));
        }
    }

    #[test]
    fn a_key_does_what_it_was_given_and_never_what_an_owner_does() {
        let id = uuid::Uuid::nil();
        let scopes = KeyScopes::new(KeyScope::parse("campaigns:read")).unwrap();
        let key = WorkspaceScope::for_api_key(id.into(), id.into(), Role::Owner, scopes);
        assert_eq!(key.role(), Role::Admin);
        assert_eq!(key.require(Area::Campaigns.read()), Ok(()));
        assert_eq!(key.require(Area::Campaigns.read().by(Role::Owner)), Err(Denied::Role(Role::Owner)));
        for other in [Area::Campaigns.write(), Area::Moves.read(), Area::Members.read()] {
            assert_eq!(key.require(other), Err(Denied::Scope(other.scope)));
        }
    }
}
