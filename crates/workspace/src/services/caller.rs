//! What every change of a workspace's members begins with.

use crate::{Error, Result, events, model::Membership, model::role_to_change, ports::WorkspaceTx};
use kernel::{CallContext, Denied, Environment, InvitationId, Role, UserId, WorkspaceScope};

/// The caller inside a unit that holds the workspace: from here on its changes of members are serial.
pub(super) struct Caller {
    /// Who.
    pub(super) user: UserId,
    /// The role of now. That of the scope is as old as the request, and another unit may have taken it since.
    pub(super) role: Role,
}

impl Caller {
    /// Holds the workspace and looks the caller up in it.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the workspace is deleted or the caller no member any more.
    pub(super) async fn enter(tx: &mut (dyn WorkspaceTx + 'static), scope: &WorkspaceScope) -> Result<Self> {
        tx.workspaces().find().await?.ok_or(Error::NotFound)?;
        let user = scope.actor().user().ok_or(Error::NotFound)?;
        let membership = tx.memberships().find(user).await?.ok_or(Error::NotFound)?;
        Ok(Self { user, role: membership.role.min(scope.role()) })
    }

    /// Lets pass who may change a role from one to another; `None` stands for no member.
    ///
    /// # Errors
    /// [`Error::Denied`].
    pub(super) fn may_change(&self, from: Option<Role>, to: Option<Role>) -> Result<()> {
        let needs = role_to_change(from, to);
        if self.role >= needs { Ok(()) } else { Err(Denied::Role(needs).into()) }
    }
}

/// Refuses to take an owner's role when there is no other owner.
pub(super) async fn keep_an_owner(tx: &mut (dyn WorkspaceTx + 'static)) -> Result<()> {
    if tx.memberships().count(Role::Owner).await? > 1 { Ok(()) } else { Err(Error::LastOwner) }
}

/// Stores a membership and tells of it.
pub(super) async fn admit(
    tx: &mut (dyn WorkspaceTx + 'static),
    env: &Environment,
    ctx: &CallContext,
    membership: &Membership,
    by: Option<InvitationId>,
) -> Result<()> {
    tx.memberships().insert(membership).await?;
    tx.events().append(events::member_added(env, ctx, membership, by)).await?;
    Ok(())
}
