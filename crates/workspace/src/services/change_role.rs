//! A member gets another role.

use super::{
    MemberService,
    caller::{Caller, keep_an_owner},
};
use crate::{
    Error, Result, events,
    model::{Member, Membership},
};
use kernel::{Area, CallContext, Role, UserId, WorkspaceScope};

impl MemberService {
    /// Gives the member another role. The role that they have already changes nothing.
    ///
    /// # Errors
    /// [`Error::Denied`] by [`role_to_change`](crate::role_to_change); [`Error::NotFound`] for somebody who is no
    /// member; [`Error::LastOwner`].
    pub async fn change_role(
        &self,
        ctx: &CallContext,
        scope: &WorkspaceScope,
        user: UserId,
        role: Role,
    ) -> Result<Member> {
        scope.require(Area::Members.write().by(Role::Admin))?;
        let work = self.uow.run(scope, async |tx| {
            let caller = Caller::enter(tx, scope).await?;
            let membership = tx.memberships().find(user).await?.ok_or(Error::NotFound)?;
            let from = membership.role;
            caller.may_change(Some(from), Some(role))?;
            if from == role {
                return Ok(membership);
            }
            if from == Role::Owner {
                keep_an_owner(tx).await?;
            }
            tx.memberships().change_role(user, role).await?;
            tx.events().append(events::member_role_changed(&self.env, ctx, user, (from, role))).await?;
            Ok(Membership { role, ..membership })
        });
        let changed: Result<Membership> = work.await;
        self.one_named(changed?).await
    }

    async fn one_named(&self, membership: Membership) -> Result<Member> {
        self.named(vec![membership]).await?.pop().ok_or(Error::NotFound)
    }
}
