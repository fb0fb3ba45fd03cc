//! An admin lets somebody into a workspace.

use super::{
    MemberService,
    caller::{Caller, admit},
};
use crate::{
    Error, Result,
    model::{Account, InvitationView, Member, Membership, role_to_change},
    ports::WorkspaceTx,
};
use kernel::{
    Area, CallContext, EmailAddress, FieldErrors, Role, Timestamp, UserId, WorkspaceScope, field::Checker,
};
use serde::{Deserialize, Serialize};

/// Whom an admin lets in: by address or by id, one of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddMember {
    /// Their address.
    pub email: Option<String>,
    /// Their id.
    pub user_id: Option<UserId>,
    /// What they will be.
    pub role: Role,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Added {
    /// The person is in.
    Member(Member),
    /// Nobody has the address yet; its owner is invited.
    Invited(InvitationView),
}

enum Whom {
    Address(EmailAddress),
    Id(UserId),
}

impl AddMember {
    fn check(&self) -> Result<Whom, FieldErrors> {
        const ONE: &str = "give either `email` or `user_id`";
        let mut check = Checker::default();
        let whom = match (&self.email, self.user_id) {
            (Some(email), None) => check.field("/email", EmailAddress::parse(email)).map(Whom::Address),
            (None, Some(user)) => Some(Whom::Id(user)),
            (both, _) => {
                let code = if both.is_some() { "exclusive" } else { "required" };
                check.rule("/email", false, code, ONE);
                check.rule("/user_id", false, code, ONE);
                None
            }
        };
        check.finish_with(whom)
    }
}

impl MemberService {
    /// Makes the person a member, or invites the owner of an address that no account with a confirmed address has;
    /// once per idempotency key. An open invitation of somebody who is let in this way is withdrawn.
    ///
    /// # Errors
    /// [`Error::Denied`] below an admin and for a role above the caller's own; [`Error::Invalid`];
    /// [`Error::AlreadyMember`]; [`Error::AlreadyInvited`]; [`Error::NotFound`] for an id that no such account has.
    pub async fn add(&self, ctx: &CallContext, scope: &WorkspaceScope, input: AddMember) -> Result<Added> {
        let offered = Some(input.role);
        scope.require(Area::Members.write().by(role_to_change(None, offered)))?;
        let whom = input.check()?;
        let account = match &whom {
            Whom::Address(email) => self.directory.find_by_email(email).await?,
            Whom::Id(user) => self.directory.find(*user).await?,
        };
        let account = account.filter(|account| account.is_verified);
        let now = self.env.now();
        self.uow
            .run_once(scope, ctx, now, async |tx| {
                let caller = Caller::enter(tx, scope).await?;
                caller.may_change(None, offered)?;
                match (account, whom) {
                    (Some(account), _) => {
                        Ok(Added::Member(self.let_in(tx, ctx, scope, account, input.role, now).await?))
                    }
                    (None, Whom::Address(email)) => {
                        let invited = self.invitations.issue(tx, ctx, scope, &caller, (email, input.role));
                        Ok(Added::Invited(invited.await?))
                    }
                    (None, Whom::Id(_)) => Err(Error::NotFound),
                }
            })
            .await
    }

    async fn let_in(
        &self,
        tx: &mut (dyn WorkspaceTx + 'static),
        ctx: &CallContext,
        scope: &WorkspaceScope,
        account: Account,
        role: Role,
        now: Timestamp,
    ) -> Result<Member> {
        let (workspace_id, user_id) = (scope.workspace(), account.user_id);
        if tx.memberships().find(user_id).await?.is_some() {
            return Err(Error::AlreadyMember);
        }
        self.invitations.withdraw(tx, ctx, &account.email).await?;
        let membership = Membership { workspace_id, user_id, role, joined_at: now };
        admit(tx, &self.env, ctx, &membership, None).await?;
        Ok(Member { membership, person: Some(account.person()) })
    }
}
