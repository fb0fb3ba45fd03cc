//! An owner hands the workspace over.

use super::{MemberService, caller::Caller};
use crate::{
    Error, Result, events,
    model::{Member, Membership},
};
use kernel::{Area, CallContext, FieldErrors, Role, UserId, Violation, WorkspaceScope};

/// Both sides of a transfer, as they are after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer {
    /// The owner now.
    pub owner: Member,
    /// Who was it before: an admin now.
    pub former_owner: Member,
}

impl MemberService {
    /// Makes a member the owner and the caller an admin, in one unit and with one fact; once per idempotency key.
    /// Whoever calls it has checked that the caller has logged in lately.
    ///
    /// # Errors
    /// [`Error::Denied`] below an owner; [`Error::Invalid`] for oneself; [`Error::NotFound`] for somebody who is no
    /// member.
    pub async fn transfer_ownership(
        &self,
        ctx: &CallContext,
        scope: &WorkspaceScope,
        to: UserId,
    ) -> Result<Transfer> {
        scope.require(Area::Members.write().by(Role::Owner))?;
        if scope.actor().user() == Some(to) {
            let violation = Violation::new("yourself", "must be somebody else");
            return Err(FieldErrors::one("/user_id", violation).into());
        }
        let work = self.uow.run_once(scope, ctx, self.env.now(), async |tx| {
            let caller = Caller::enter(tx, scope).await?;
            caller.may_change(Some(Role::Owner), Some(Role::Owner))?;
            let giver = tx.memberships().find(caller.user).await?.ok_or(Error::NotFound)?;
            let taker = tx.memberships().find(to).await?.ok_or(Error::NotFound)?;
            let (owner, former) =
                (Membership { role: Role::Owner, ..taker }, Membership { role: Role::Admin, ..giver });
            for membership in [&owner, &former] {
                tx.memberships().change_role(membership.user_id, membership.role).await?;
            }
            tx.events().append(events::ownership_transferred(&self.env, ctx, &former, &owner)).await?;
            Ok([owner, former])
        });
        let changed: Result<[Membership; 2]> = work.await;
        let named: Result<[Member; 2], _> = self.named(changed?.to_vec()).await?.try_into();
        let [owner, former_owner] = named.map_err(|_| Error::NotFound)?;
        Ok(Transfer { owner, former_owner })
    }
}
