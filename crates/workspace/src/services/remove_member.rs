//! A person leaves a workspace, or is put out.

use super::{
    MemberService,
    caller::{Caller, keep_an_owner},
};
use crate::{Error, Result, events};
use kernel::{Area, CallContext, Role, UserId, WorkspaceScope};

impl MemberService {
    /// Takes the membership away, and the open invitations that the person has made with it. Everybody may leave.
    ///
    /// # Errors
    /// [`Error::Denied`] by [`role_to_change`](crate::role_to_change), but for oneself; [`Error::NotFound`] for
    /// somebody who is no member; [`Error::LastOwner`].
    pub async fn remove(&self, ctx: &CallContext, scope: &WorkspaceScope, user: UserId) -> Result<()> {
        let leaves = scope.actor().user() == Some(user);
        let lowest = if leaves { Role::Member } else { Role::Admin };
        scope.require(Area::Members.write().by(lowest))?;
        let now = self.env.now();
        self.uow
            .run(scope, async |tx| {
                let caller = Caller::enter(tx, scope).await?;
                let membership = tx.memberships().find(user).await?.ok_or(Error::NotFound)?;
                if !leaves {
                    caller.may_change(Some(membership.role), None)?;
                }
                if membership.role == Role::Owner {
                    keep_an_owner(tx).await?;
                }
                tx.memberships().remove(user).await?;
                tx.events().append(events::member_removed(&self.env, ctx, &membership)).await?;
                for invitation in tx.invitations().revoke_of(user, now).await? {
                    tx.events().append(events::invitation_revoked(&self.env, ctx, &invitation)).await?;
                }
                Ok(())
            })
            .await
    }
}
