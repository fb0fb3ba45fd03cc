//! Whoever got the mail looks at the invitation and accepts it.

use super::{InvitationService, caller::admit};
use crate::{
    Error, Result, events,
    model::{Account, Invitation, InvitationStatus, Membership, role_to_change},
    ports::WorkspaceTx,
};
use kernel::{
    Actor, CallContext, EmailAddress, RawToken, Role, SystemScope, Timestamp, TokenKind, WorkspaceId,
    WorkspaceScope,
};

/// What an invitation offers, for whoever holds its token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// Into what.
    pub workspace_name: String,
    /// As what.
    pub role: Role,
    /// Whose owner is invited.
    pub email: EmailAddress,
    /// When it is too late.
    pub expires_at: Timestamp,
    /// Whether the invited person could accept now.
    pub account: InvitedAccount,
}

/// What the invited person has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InvitedAccount {
    /// An account that can accept.
    Ready,
    /// An account whose address is still to be confirmed.
    Unverified,
    /// No account.
    Missing,
}

/// Where the invited person is a member now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AcceptedInvitation {
    /// The workspace.
    pub workspace_id: WorkspaceId,
    /// Their role in it.
    pub role: Role,
}

impl InvitationService {
    /// What the token of an open invitation offers. Changes nothing, as mail scanners open links before people do.
    ///
    /// # Errors
    /// [`Error::InvitationInvalid`] for a token that would not be accepted from anybody.
    pub async fn look_at(&self, token: &str) -> Result<Offer> {
        let invitation = self.of_token(token).await?;
        let scope = WorkspaceScope::for_invitation(invitation.workspace_id);
        let inviter = self.memberships.role_of(invitation.invited_by, scope.workspace()).await?;
        if invitation.status(self.env.now()) != InvitationStatus::Open || !vouches(inviter, &invitation) {
            return Err(Error::InvitationInvalid);
        }
        let workspace = self.workspaces.find(&scope).await?.ok_or(Error::InvitationInvalid)?;
        let account = match self.directory.find_by_email(&invitation.email).await? {
            Some(account) if account.is_verified => InvitedAccount::Ready,
            Some(_) => InvitedAccount::Unverified,
            None => InvitedAccount::Missing,
        };
        let Invitation { role, email, expires_at, .. } = invitation;
        Ok(Offer { workspace_name: workspace.name, role, email, expires_at, account })
    }

    /// Makes the account with the invited address a member. The token works once; shown again it is welcome as long
    /// as the person is a member.
    ///
    /// # Errors
    /// [`Error::InvitationInvalid`]; [`Error::AccountRequired`]; [`Error::EmailNotVerifiedYet`].
    pub async fn accept(&self, ctx: &CallContext, token: &str) -> Result<AcceptedInvitation> {
        let known = self.of_token(token).await?;
        let account = self.directory.find_by_email(&known.email).await?;
        let (scope, now) = (WorkspaceScope::for_invitation(known.workspace_id), self.env.now());
        let work = self.uow.run(&scope, async |tx| {
            // Held first: revoking, accepting and leaving are serial.
            tx.workspaces().find().await?.ok_or(Error::InvitationInvalid)?;
            let invitation = tx.invitations().find(known.id).await?.ok_or(Error::InvitationInvalid)?;
            let role = match invitation.status(now) {
                InvitationStatus::Accepted => role_of_accepter(tx, &invitation).await?,
                InvitationStatus::Open => self.let_in(tx, ctx, &invitation, account, now).await?,
                InvitationStatus::Revoked | InvitationStatus::Expired => {
                    return Err(Error::InvitationInvalid);
                }
            };
            Ok(AcceptedInvitation { workspace_id: invitation.workspace_id, role })
        });
        work.await
    }

    async fn of_token(&self, token: &str) -> Result<Invitation> {
        let token = RawToken::parse(TokenKind::Invitation, token).ok_or(Error::InvitationInvalid)?;
        let found = self.invitations.find_by_token(&SystemScope::for_authentication(), &token.hash()).await?;
        found.ok_or(Error::InvitationInvalid)
    }

    /// Uses the open invitation up. Who is a member already keeps their role.
    async fn let_in(
        &self,
        tx: &mut (dyn WorkspaceTx + 'static),
        ctx: &CallContext,
        invitation: &Invitation,
        account: Option<Account>,
        now: Timestamp,
    ) -> Result<Role> {
        let inviter = tx.memberships().find(invitation.invited_by).await?;
        if !vouches(inviter.map(|membership| membership.role), invitation) {
            return Err(Error::InvitationInvalid);
        }
        let account = account.ok_or(Error::AccountRequired)?;
        if !account.is_verified {
            return Err(Error::EmailNotVerifiedYet);
        }
        let user_id = account.user_id;
        // Whoever holds the token is the account from here on: what is told of them is theirs to see, and goes with them.
        let ctx = &CallContext { actor: Actor::User(user_id), ..ctx.clone() };
        if !tx.invitations().accept(invitation.id, user_id, now).await? {
            return Err(Error::InvitationInvalid);
        }
        tx.events().append(events::invitation_accepted(&self.env, ctx, invitation, user_id)).await?;
        if let Some(present) = tx.memberships().find(user_id).await? {
            return Ok(present.role);
        }
        let (workspace_id, role) = (invitation.workspace_id, invitation.role);
        let membership = Membership { workspace_id, user_id, role, joined_at: now };
        admit(tx, &self.env, ctx, &membership, Some(invitation.id)).await?;
        Ok(role)
    }
}

/// Whether who has invited could still do so.
fn vouches(inviter: Option<Role>, invitation: &Invitation) -> bool {
    inviter >= Some(role_to_change(None, Some(invitation.role)))
}

async fn role_of_accepter(tx: &mut (dyn WorkspaceTx + 'static), invitation: &Invitation) -> Result<Role> {
    let accepter = invitation.accepted_by.ok_or(Error::InvitationInvalid)?;
    let membership = tx.memberships().find(accepter).await?;
    membership.map(|membership| membership.role).ok_or(Error::InvitationInvalid)
}
