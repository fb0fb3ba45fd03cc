use crate::{store::Store, unit::Unit};
use ::workspace::{
    Invitation, InvitationStatus,
    ports::{InvitationReader, InvitationRepository},
};
use async_trait::async_trait;
use kernel::{
    EmailAddress, Ended, InvitationId, Page, PageRequest, StoreError, StoreResult, SystemScope, Timestamp,
    TokenHash, UserId, WorkspaceId, WorkspaceScope,
};
use std::collections::BTreeMap;

#[derive(Clone, Default)]
pub(crate) struct Invitations(BTreeMap<InvitationId, (Invitation, TokenHash)>);

const fn is_pending(invitation: &Invitation) -> bool {
    invitation.accepted_at.is_none() && invitation.revoked_at.is_none()
}

fn same_address(one: &EmailAddress, other: &EmailAddress) -> bool {
    one.lower() == other.lower()
}

impl Invitations {
    pub(crate) fn purge(&mut self, workspace: WorkspaceId) {
        self.0.retain(|_, (invitation, _)| invitation.workspace_id != workspace);
    }

    /// Takes away those that nobody accepted and that expired before; answers how many.
    pub(crate) fn sweep(&mut self, ended: Ended, most: usize) -> usize {
        let old = |(invitation, _): &&(Invitation, TokenHash)| {
            invitation.accepted_at.is_none() && invitation.expires_at < ended.invitations
        };
        let gone: Vec<_> = self.0.values().filter(old).map(|(old, _)| old.id).take(most).collect();
        gone.iter().for_each(|id| drop(self.0.remove(id)));
        gone.len()
    }

    fn of(&self, workspace: WorkspaceId) -> impl DoubleEndedIterator<Item = &Invitation> {
        let all = self.0.values().map(|(invitation, _)| invitation);
        all.filter(move |invitation| invitation.workspace_id == workspace)
    }

    fn find(&self, workspace: WorkspaceId, id: InvitationId) -> Option<&Invitation> {
        self.of(workspace).find(|invitation| invitation.id == id)
    }

    fn pending(&self, workspace: WorkspaceId, email: &EmailAddress) -> Option<&Invitation> {
        self.of(workspace).find(|other| is_pending(other) && same_address(&other.email, email))
    }

    fn insert(&mut self, invitation: &Invitation, token: &TokenHash) -> StoreResult<()> {
        let taken = self.0.contains_key(&invitation.id)
            || self.0.values().any(|(_, other)| other == token)
            || (is_pending(invitation) && self.pending(invitation.workspace_id, &invitation.email).is_some());
        if taken {
            return Err(StoreError::Conflict("invitations".to_owned()));
        }
        self.0.insert(invitation.id, (invitation.clone(), *token));
        Ok(())
    }

    /// Changes the workspace's invitation when it is as `wanted`.
    fn change(
        &mut self,
        (workspace, id): (WorkspaceId, InvitationId),
        wanted: impl Fn(&Invitation) -> bool,
        change: impl Fn(&mut Invitation),
    ) -> bool {
        let stored = self.0.get_mut(&id).map(|(invitation, _)| invitation);
        let stored = stored.filter(|stored| stored.workspace_id == workspace && wanted(stored));
        stored.map(change).is_some()
    }
}

#[async_trait]
impl InvitationRepository for Unit<WorkspaceScope> {
    async fn insert(&mut self, invitation: &Invitation, token: &TokenHash) -> StoreResult<()> {
        self.statement(|unit| unit.state.workspace.invitations.insert(invitation, token))
    }

    async fn find(&mut self, id: InvitationId) -> StoreResult<Option<Invitation>> {
        self.statement(|unit| Ok(unit.state.workspace.invitations.find(unit.scope.workspace(), id).cloned()))
    }

    async fn find_pending(&mut self, email: &EmailAddress) -> StoreResult<Option<Invitation>> {
        self.statement(|unit| {
            Ok(unit.state.workspace.invitations.pending(unit.scope.workspace(), email).cloned())
        })
    }

    async fn accept(&mut self, id: InvitationId, by: UserId, at: Timestamp) -> StoreResult<bool> {
        self.statement(|unit| {
            let key = (unit.scope.workspace(), id);
            let is_open = |stored: &Invitation| stored.status(at) == InvitationStatus::Open;
            Ok(unit.state.workspace.invitations.change(key, is_open, |invitation| {
                invitation.accepted_at = Some(at);
                invitation.accepted_by = Some(by);
            }))
        })
    }

    async fn revoke(&mut self, id: InvitationId, at: Timestamp) -> StoreResult<bool> {
        self.statement(|unit| {
            let key = (unit.scope.workspace(), id);
            let revoke = |invitation: &mut Invitation| invitation.revoked_at = Some(at);
            Ok(unit.state.workspace.invitations.change(key, is_pending, revoke))
        })
    }

    async fn revoke_of(&mut self, inviter: UserId, at: Timestamp) -> StoreResult<Vec<Invitation>> {
        self.statement(|unit| {
            let workspace = unit.scope.workspace();
            let all = unit.state.workspace.invitations.0.values_mut().map(|(invitation, _)| invitation);
            let theirs = all.filter(|stored| {
                (stored.workspace_id, stored.invited_by) == (workspace, inviter)
                    && stored.status(at) == InvitationStatus::Open
            });
            Ok(theirs
                .map(|stored| {
                    stored.revoked_at = Some(at);
                    stored.clone()
                })
                .collect())
        })
    }

    async fn forget_address(&mut self, id: InvitationId) -> StoreResult<()> {
        let nobodys = Invitation::nobodys_address(id).map_err(|error| StoreError::Internal(error.message))?;
        self.statement(|unit| {
            let key = (unit.scope.workspace(), id);
            let forget = |invitation: &mut Invitation| invitation.email = nobodys.clone();
            unit.state.workspace.invitations.change(key, |_| true, forget);
            Ok(())
        })
    }
}

#[async_trait]
impl InvitationReader for Store {
    async fn find(&self, scope: &WorkspaceScope, id: InvitationId) -> StoreResult<Option<Invitation>> {
        Ok(self.state().await?.workspace.invitations.find(scope.workspace(), id).cloned())
    }

    async fn page(
        &self,
        scope: &WorkspaceScope,
        status: Option<InvitationStatus>,
        now: Timestamp,
        request: &PageRequest,
    ) -> StoreResult<Page<Invitation>> {
        let state = self.state().await?;
        let rows = state.workspace.invitations.of(scope.workspace()).rev();
        let rows = rows
            .filter(|invitation| status.is_none_or(|status| invitation.status(now) == status))
            .filter(|invitation| request.after.is_none_or(|after| invitation.id.uuid() < after))
            .cloned();
        Ok(Page::cut(rows.collect(), request.limit, |invitation| invitation.id.uuid()))
    }

    async fn find_by_token(&self, _: &SystemScope, token: &TokenHash) -> StoreResult<Option<Invitation>> {
        let state = self.state().await?;
        let found = state.workspace.invitations.0.values().find(|(_, stored)| stored == token);
        Ok(found.map(|(invitation, _)| invitation.clone()))
    }

    async fn list_to(
        &self,
        _: &SystemScope,
        email: &EmailAddress,
        person: UserId,
    ) -> StoreResult<Vec<Invitation>> {
        let state = self.state().await?;
        let all = state.workspace.invitations.0.values().map(|(invitation, _)| invitation);
        let is_to = |it: &&Invitation| same_address(&it.email, email) || it.accepted_by == Some(person);
        Ok(all.filter(is_to).cloned().collect())
    }

    async fn list_by(&self, _: &SystemScope, inviter: UserId) -> StoreResult<Vec<Invitation>> {
        let state = self.state().await?;
        let all = state.workspace.invitations.0.values().map(|(invitation, _)| invitation);
        Ok(all.filter(|invitation| invitation.invited_by == inviter).cloned().collect())
    }
}
