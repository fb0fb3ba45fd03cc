//! What the changes of a password and an address share.

use super::{Authenticated, CredentialService, MailPurpose, failed_login, mail};
use crate::{
    EmailTokenPurpose, EndReason, IdentityError, PasswordAttempt, PasswordHash, User, error::IdentityResult,
    events, ports::IdentityTx, ports::PasswordCheck,
};
use kernel::{CallContext, NewEvent, SessionId, SystemScope, UserScope};

impl CredentialService {
    /// Checks the password of somebody who has logged in, and answers the stored hash that it proved.
    ///
    /// Whoever has stolen a session could guess here. A limit of tries per person belongs to the first line of this
    /// function, before the hasher is asked.
    pub(super) async fn prove(
        &self,
        ctx: &CallContext,
        caller: &Authenticated,
        password: &PasswordAttempt,
    ) -> IdentityResult<PasswordHash> {
        let scope = UserScope::of(ctx).ok_or(IdentityError::Unauthenticated)?;
        let person = self.users.find(&scope).await?.ok_or(IdentityError::Unauthenticated)?;
        let check = self.hasher.verify(password, person.user.password_hash.as_ref()).await?;
        match (check, person.user.password_hash) {
            (PasswordCheck::Verified { .. }, Some(proven)) => Ok(proven),
            _ => {
                self.note_failure(ctx, caller).await?;
                Err(IdentityError::CurrentPasswordWrong)
            }
        }
    }

    async fn note_failure(&self, ctx: &CallContext, caller: &Authenticated) -> IdentityResult<()> {
        let scope = SystemScope::for_authentication();
        let work = self.uow.run(&scope, async |tx| {
            tx.jobs().enqueue(failed_login::job(&self.env, ctx, Some(caller.user))).await?;
            Ok(())
        });
        work.await
    }

    /// Stores the user with a new password and ends what the old one had allowed: open links of mails, and every
    /// session but `keep`. The owner is told by mail.
    pub(super) async fn replace_password(
        &self,
        tx: &mut dyn IdentityTx,
        ctx: &CallContext,
        (user, changed): (&User, &User),
        keep: Option<SessionId>,
        event: NewEvent,
    ) -> IdentityResult<()> {
        let now = self.env.now();
        tx.users().save(changed, user.version).await?;
        let dead = [EmailTokenPurpose::ResetPassword, EmailTokenPurpose::ChangeEmail];
        tx.email_tokens().expire(user.id, &dead, now).await?;
        tx.events().append(event).await?;
        for session in tx.sessions().end_all(user.id, keep, EndReason::PasswordChanged, now).await? {
            let family = (session, user.id);
            let ended = events::session_ended(&self.env, ctx, family, EndReason::PasswordChanged);
            tx.events().append(ended).await?;
        }
        tx.jobs().enqueue(mail::job(&self.env, ctx, user.id, MailPurpose::PasswordChanged)).await?;
        Ok(())
    }
}
