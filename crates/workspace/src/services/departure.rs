//! A person leaves every workspace at once: they are being erased.

use super::delete::give_up;
use crate::{
    Result, events,
    model::{Membership, MembershipKey, MyWorkspace, Workspace},
    ports::{InvitationReader, MembershipReader, WorkspaceReader, WorkspaceTx, WorkspaceUow},
};
use kernel::{
    CallContext, EmailAddress, Environment, Limit, PageRequest, Role, StoreError, SystemScope, UserId,
    UserScope, WorkspaceScope,
};
use std::sync::Arc;

/// Takes people who are being erased out of their workspaces.
#[derive(Clone)]
pub struct DepartureService {
    /// Where memberships are written.
    pub uow: Arc<WorkspaceUow>,
    /// Where a person is a member.
    pub mine: Arc<dyn WorkspaceReader>,
    /// Who else is.
    pub members: Arc<dyn MembershipReader>,
    /// Who is invited, wherever.
    pub invitations: Arc<dyn InvitationReader>,
    /// Clock and ids.
    pub env: Environment,
}

/// A live workspace that has no owner but one person.
#[derive(Debug, Clone, PartialEq)]
pub struct OwnedAlone {
    /// The workspace, as the person sees it.
    pub mine: MyWorkspace,
    /// Whether anybody else is a member.
    pub has_other_members: bool,
}

impl DepartureService {
    /// Live workspaces that the person alone owns, by id.
    ///
    /// # Errors
    /// The stores'.
    pub async fn owned_alone(&self, person: UserId) -> Result<Vec<OwnedAlone>> {
        let mut owned = Vec::new();
        for mine in self.all_of(person).await? {
            if mine.role != Role::Owner {
                continue;
            }
            let scope = WorkspaceScope::for_departure(person, mine.workspace.id);
            let others = self.others(&scope, person).await?;
            if others.iter().all(|other| other.role != Role::Owner) {
                owned.push(OwnedAlone { mine, has_other_members: !others.is_empty() });
            }
        }
        owned.sort_by_key(|owned| owned.mine.workspace.id);
        Ok(owned)
    }

    /// Takes the person out of every workspace. One in which nobody else is goes too. Where the person is the only owner
    /// (somebody joined since that was asked for), the admin, else the member, who has been there longest becomes the
    /// owner. Invitations that they made, or that were sent to their `address`, are taken back. Run again, it finds
    /// everything done.
    ///
    /// # Errors
    /// The stores'; a `Stale` one when somebody else left at the same time and it is to be run again.
    pub async fn leave_all(&self, ctx: &CallContext, person: UserId, address: &EmailAddress) -> Result<()> {
        for mine in self.all_of(person).await? {
            let scope = WorkspaceScope::for_departure(person, mine.workspace.id);
            self.leave(ctx, &scope, person).await?;
        }
        self.forget_address(ctx, person, address).await
    }

    /// Invitations to the person are taken back, and forget the address that each was sent to.
    async fn forget_address(&self, ctx: &CallContext, person: UserId, address: &EmailAddress) -> Result<()> {
        let (system, now) = (SystemScope::for_personal_data(), self.env.now());
        for invitation in self.invitations.list_to(&system, address, person).await? {
            let scope = WorkspaceScope::for_departure(person, invitation.workspace_id);
            let work = self.uow.run(&scope, async |tx| -> Result<()> {
                if tx.invitations().revoke(invitation.id, now).await? {
                    tx.events().append(events::invitation_revoked(&self.env, ctx, &invitation)).await?;
                }
                Ok(tx.invitations().forget_address(invitation.id).await?)
            });
            work.await?;
        }
        Ok(())
    }

    async fn leave(&self, ctx: &CallContext, scope: &WorkspaceScope, person: UserId) -> Result<()> {
        let others = self.others(scope, person).await?;
        let heir = others.iter().max_by_key(|other| (other.role, std::cmp::Reverse(other.key())));
        let now = self.env.now();
        let work = self.uow.run(scope, async |tx| {
            // Holds the workspace: from here on changes of its members are serial.
            let Some(workspace) = tx.workspaces().find().await? else { return Ok(()) };
            let Some(membership) = tx.memberships().find(person).await? else { return Ok(()) };
            if membership.role == Role::Owner && tx.memberships().count(Role::Owner).await? == 1 {
                match heir {
                    Some(heir) => self.hand_over(tx, ctx, &membership, heir).await?,
                    None => self.delete(tx, ctx, workspace).await?,
                }
            }
            tx.memberships().remove(person).await?;
            tx.events().append(events::member_removed(&self.env, ctx, &membership)).await?;
            for invitation in tx.invitations().revoke_of(person, now).await? {
                tx.events().append(events::invitation_revoked(&self.env, ctx, &invitation)).await?;
            }
            Ok(())
        });
        work.await
    }

    /// Deletes what nobody else is in.
    async fn delete(
        &self,
        tx: &mut (dyn WorkspaceTx + 'static),
        ctx: &CallContext,
        workspace: Workspace,
    ) -> Result<()> {
        for role in [Role::Admin, Role::Member] {
            if tx.memberships().count(role).await? > 0 {
                // Joined since the list was read.
                return Err(StoreError::Stale.into());
            }
        }
        give_up(tx, &self.env, ctx, workspace).await
    }

    async fn hand_over(
        &self,
        tx: &mut (dyn WorkspaceTx + 'static),
        ctx: &CallContext,
        from: &Membership,
        to: &Membership,
    ) -> Result<()> {
        if !tx.memberships().change_role(to.user_id, Role::Owner).await? {
            // Left since the list was read.
            return Err(StoreError::Stale.into());
        }
        tx.events().append(events::ownership_transferred(&self.env, ctx, from, to)).await?;
        Ok(())
    }

    /// Every live workspace of the person.
    async fn all_of(&self, person: UserId) -> Result<Vec<MyWorkspace>> {
        let (scope, mut request) = (UserScope::for_departure(person), first());
        let mut all = Vec::new();
        loop {
            let page = self.mine.list_mine(&scope, &request).await?;
            all.extend(page.items);
            match page.next {
                Some(after) => request.after = Some(after),
                None => return Ok(all),
            }
        }
    }

    /// Every other member.
    async fn others(&self, scope: &WorkspaceScope, person: UserId) -> Result<Vec<Membership>> {
        let mut request = first();
        let mut others = Vec::new();
        loop {
            let page = self.members.page(scope, &request).await?;
            others.extend(page.items.into_iter().filter(|member| member.user_id != person));
            match page.next {
                Some(after) => request.after = Some(after),
                None => return Ok(others),
            }
        }
    }
}

fn first() -> PageRequest<MembershipKey> {
    PageRequest { limit: Limit::new(100).unwrap_or(Limit::DEFAULT), after: None }
}
