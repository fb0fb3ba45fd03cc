//! An admin invites the owner of an address, looks at what is open, and takes it back.

use super::{caller::Caller, send_invitation};
use crate::{
    Error, Result, events,
    model::{Invitation, InvitationStatus, InvitationView, role_to_change},
    ports::{Directory, InvitationReader, WorkspaceReader, WorkspaceTx, WorkspaceUow},
};
use kernel::{
    Area, CallContext, EmailAddress, Environment, FieldErrors, InvitationId, Memberships, Page, PageRequest,
    RawToken, Role, TokenKind, TokenMint, WorkspaceScope,
};
use std::sync::Arc;

/// Makes, lists, revokes, mails and accepts invitations.
#[derive(Clone)]
pub struct InvitationService {
    /// Writes.
    pub uow: Arc<WorkspaceUow>,
    /// Reads.
    pub invitations: Arc<dyn InvitationReader>,
    /// Names the workspace of an invitation.
    pub workspaces: Arc<dyn WorkspaceReader>,
    /// Knows whether who has invited still may.
    pub memberships: Arc<dyn Memberships>,
    /// Knows who has an address.
    pub directory: Arc<dyn Directory>,
    /// Makes the tokens.
    pub mint: TokenMint,
    /// Clock and ids.
    pub env: Environment,
}

impl InvitationService {
    /// Invites the owner of an address, once per idempotency key. The mail follows by a job.
    ///
    /// # Errors
    /// [`Error::Denied`] below an admin and for a role above the caller's own; [`Error::Invalid`];
    /// [`Error::AlreadyMember`]; [`Error::AlreadyInvited`] while an earlier one is open.
    pub async fn invite(
        &self,
        ctx: &CallContext,
        scope: &WorkspaceScope,
        email: &str,
        role: Role,
    ) -> Result<InvitationView> {
        scope.require(Area::Invitations.write().by(role_to_change(None, Some(role))))?;
        let email = EmailAddress::parse(email).map_err(|violation| FieldErrors::one("/email", violation))?;
        let account = self.directory.find_by_email(&email).await?;
        self.uow
            .run_once(scope, ctx, self.env.now(), async |tx| {
                let caller = Caller::enter(tx, scope).await?;
                caller.may_change(None, Some(role))?;
                if let Some(account) = account
                    && tx.memberships().find(account.user_id).await?.is_some()
                {
                    return Err(Error::AlreadyMember);
                }
                self.issue(tx, ctx, scope, &caller, (email, role)).await
            })
            .await
    }

    /// Stores an invitation, its fact and the job of its mail. An expired one of the same address makes room.
    pub(super) async fn issue(
        &self,
        tx: &mut (dyn WorkspaceTx + 'static),
        ctx: &CallContext,
        scope: &WorkspaceScope,
        caller: &Caller,
        (email, role): (EmailAddress, Role),
    ) -> Result<InvitationView> {
        let now = self.env.now();
        if let Some(pending) = tx.invitations().find_pending(&email).await? {
            if pending.status(now) == InvitationStatus::Open {
                return Err(Error::AlreadyInvited);
            }
            tx.invitations().revoke(pending.id, now).await?;
        }
        let invitation = Invitation {
            id: self.env.id(),
            workspace_id: scope.workspace(),
            email,
            role,
            invited_by: caller.user,
            created_at: now,
            expires_at: now.plus(Invitation::LASTS),
            accepted_at: None,
            accepted_by: None,
            revoked_at: None,
        };
        tx.invitations().insert(&invitation, &self.token(invitation.id).hash()).await?;
        tx.jobs().enqueue(send_invitation::job(&self.env, ctx, &invitation)).await?;
        tx.events().append(events::invitation_created(&self.env, ctx, &invitation)).await?;
        Ok(InvitationView::at(invitation, now))
    }

    /// Takes back what is open for the address: its owner came in by another way.
    pub(super) async fn withdraw(
        &self,
        tx: &mut (dyn WorkspaceTx + 'static),
        ctx: &CallContext,
        email: &EmailAddress,
    ) -> Result<()> {
        match tx.invitations().find_pending(email).await? {
            Some(pending) => self.end(tx, ctx, &pending).await,
            None => Ok(()),
        }
    }

    /// Revokes the invitation when it is open.
    async fn end(
        &self,
        tx: &mut (dyn WorkspaceTx + 'static),
        ctx: &CallContext,
        invitation: &Invitation,
    ) -> Result<()> {
        let now = self.env.now();
        let open = invitation.status(now) == InvitationStatus::Open;
        if open && tx.invitations().revoke(invitation.id, now).await? {
            tx.events().append(events::invitation_revoked(&self.env, ctx, invitation)).await?;
        }
        Ok(())
    }

    /// The workspace's invitations, the newest first.
    ///
    /// # Errors
    /// [`Error::Denied`] below an admin; the store's.
    pub async fn list(
        &self,
        scope: &WorkspaceScope,
        status: Option<InvitationStatus>,
        page: &PageRequest,
    ) -> Result<Page<InvitationView>> {
        scope.require(Area::Invitations.read().by(Role::Admin))?;
        let now = self.env.now();
        let page = self.invitations.page(scope, status, now, page).await?;
        Ok(page.map(|invitation| InvitationView::at(invitation, now)))
    }

    /// Takes an invitation back. One that was revoked or has expired stays as it is.
    ///
    /// # Errors
    /// [`Error::Denied`] to whoever could not have made it; [`Error::NotFound`]; [`Error::InvitationAccepted`].
    pub async fn revoke(&self, ctx: &CallContext, scope: &WorkspaceScope, id: InvitationId) -> Result<()> {
        scope.require(Area::Invitations.write().by(Role::Admin))?;
        self.uow
            .run(scope, async |tx| {
                let caller = Caller::enter(tx, scope).await?;
                let invitation = tx.invitations().find(id).await?.ok_or(Error::NotFound)?;
                caller.may_change(None, Some(invitation.role))?;
                if invitation.accepted_at.is_some() {
                    return Err(Error::InvitationAccepted);
                }
                self.end(tx, ctx, &invitation).await
            })
            .await
    }

    /// The token of an invitation: derived, so that it need not be stored.
    pub(super) fn token(&self, id: InvitationId) -> RawToken {
        self.mint.derived(TokenKind::Invitation, "invitation", &[id.uuid().as_bytes()])
    }
}
