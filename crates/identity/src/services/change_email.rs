//! Asking for a move of the account to another address.

use super::{Authenticated, CredentialService, MailPurpose, mail};
use crate::{
    EmailAddress, EmailToken, EmailTokenPurpose, IdentityError, PasswordAttempt, User, error::IdentityResult,
    events,
};
use kernel::{CallContext, FieldErrors, SystemScope, field::Checker};
use secrecy::SecretString;

/// What somebody gives to change their address.
#[derive(Debug, Clone)]
pub struct ChangeEmail {
    /// The new address.
    pub email: String,
    /// Their password, when the client has asked for it again.
    pub current_password: Option<SecretString>,
}

impl ChangeEmail {
    fn check(&self) -> Result<(EmailAddress, Option<PasswordAttempt>), FieldErrors> {
        let mut check = Checker::default();
        let email = check.field("/email", EmailAddress::parse(&self.email));
        let password = self.current_password.as_ref().map(PasswordAttempt::parse).transpose();
        let password = check.field("/current_password", password);
        check.finish_with(email.zip(password))
    }
}

impl CredentialService {
    /// Has a link mailed to the new address; the account moves there when it is opened
    /// ([`AccountService::verify_email`](super::AccountService::verify_email)). The answer is the same for an address
    /// that has an account, and so is the effort: the job finds out, and its owner gets a notice instead.
    ///
    /// # Errors
    /// [`IdentityError::FreshAuthenticationRequired`] after a login of long ago, whether or not the password is sent,
    /// as a login may take more than that; [`IdentityError::Invalid`] with every wrong field;
    /// [`IdentityError::CurrentPasswordWrong`]; [`IdentityError::Unauthenticated`] when the person is shut out
    /// meanwhile; [`IdentityError::Overloaded`], or the store's.
    pub async fn change_email(
        &self,
        ctx: &CallContext,
        caller: &Authenticated,
        request: &ChangeEmail,
    ) -> IdentityResult<()> {
        caller.require_fresh(self.env.now())?;
        let (address, password) = request.check()?;
        if let Some(password) = &password {
            self.prove(ctx, caller, password).await?;
        }
        let now = self.env.now();
        let job = mail::job_for_anybody(&self.env, ctx, Some(caller.user), MailPurpose::ConfirmNewEmail);
        // The address waits beside the token's hash, which the job finds again: neither stands in the queue.
        let (purpose, token) = (EmailTokenPurpose::ChangeEmail, mail::token_of(&self.mint, job.id));
        let waiting = EmailToken::issue(self.env.id(), caller.user, purpose, token.hash(), now);
        let waiting = waiting.towards(address);
        let scope = SystemScope::for_authentication();
        let work = self.uow.run(&scope, async |tx| {
            let user = tx.users().find(caller.user).await?.and_then(User::if_active);
            let user = user.ok_or(IdentityError::Unauthenticated)?;
            let before = tx.email_tokens().find_open(user.id, purpose, now).await?;
            if before.is_some_and(|before| before.is_recent(now) && before.new_email == waiting.new_email) {
                return Ok(());
            }
            tx.email_tokens().insert_superseding(&waiting, now).await?;
            tx.jobs().enqueue(job).await?;
            tx.events().append(events::user_email_change_requested(&self.env, ctx, &user)).await?;
            Ok(())
        });
        work.await
    }
}
