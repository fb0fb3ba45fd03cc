//! Getting in again without the password.

use super::{CredentialService, MailPurpose, mail, verify_email::holder_of};
use crate::{
    EmailAddress, EmailTokenPurpose, IdentityError, Password, PasswordHash, UserStatus,
    error::IdentityResult, events,
};
use kernel::{
    CallContext, FieldErrors, RawToken, StoreResult, SystemScope, TokenHash, TokenKind, TokenState,
};
use secrecy::{ExposeSecret, SecretString};

/// What somebody gives to set a new password by the link in a mail.
#[derive(Debug, Clone)]
pub struct ResetPassword {
    /// From the link.
    pub token: SecretString,
    /// The password they want.
    pub new_password: SecretString,
}

impl CredentialService {
    /// Has a link mailed that lets set a new password. Answer and effort are the same for an address that nobody has:
    /// both cost one job, and what differs is left to it.
    ///
    /// # Errors
    /// [`IdentityError::Invalid`] for what is no address, or the store's.
    pub async fn forgot_password(&self, ctx: &CallContext, email: &str) -> IdentityResult<()> {
        let email = EmailAddress::parse(email).map_err(|wrong| FieldErrors::one("/email", wrong))?;
        let scope = SystemScope::for_authentication();
        let work = self.uow.run(&scope, async |tx| {
            let user = tx.users().find_by_email(&email).await?.map(|user| user.id);
            let job = mail::job_for_anybody(&self.env, ctx, user, MailPurpose::ResetPassword);
            tx.jobs().enqueue(job).await?;
            Ok(())
        });
        work.await
    }

    /// Sets the password by the token of a mail, once, and ends every session. It logs nobody in, so a second factor is
    /// asked for as ever. That the mail arrived proves the address, too.
    ///
    /// # Errors
    /// [`IdentityError::Invalid`] for a password that can't be one, [`IdentityError::TokenInvalid`] for an unknown,
    /// expired, superseded or used token, [`IdentityError::Overloaded`], or the store's.
    pub async fn reset_password(&self, ctx: &CallContext, request: &ResetPassword) -> IdentityResult<()> {
        let password = Password::parse(&request.new_password)
            .map_err(|wrong| FieldErrors::one("/new_password", wrong))?;
        let token = RawToken::parse(TokenKind::Email, request.token.expose_secret());
        let hash = token.ok_or(IdentityError::TokenInvalid)?.hash();
        // A guessed token costs no hash. What is decided here is decided again when the token is used.
        if !self.opens_a_reset(&hash).await? {
            return Err(IdentityError::TokenInvalid);
        }
        let password = self.hasher.hash(password.as_attempt()).await?;
        self.reset(ctx, &hash, password).await
    }

    async fn opens_a_reset(&self, hash: &TokenHash) -> StoreResult<bool> {
        let scope = SystemScope::for_authentication();
        let token = self.uow.run(&scope, async |tx| tx.email_tokens().find(hash).await).await?;
        Ok(token.is_some_and(|token| {
            token.purpose == EmailTokenPurpose::ResetPassword
                && token.state(self.env.now()) == TokenState::Open
        }))
    }

    async fn reset(&self, ctx: &CallContext, hash: &TokenHash, password: PasswordHash) -> IdentityResult<()> {
        let (scope, now) = (SystemScope::for_authentication(), self.env.now());
        let work = self.uow.run(&scope, async |tx| {
            let (user, _) = holder_of(tx, hash).await?.ok_or(IdentityError::TokenInvalid)?;
            let used = tx.email_tokens().consume(hash, EmailTokenPurpose::ResetPassword, now).await?;
            if used.is_none() || user.status != UserStatus::Active {
                return Err(IdentityError::TokenInvalid);
            }
            let changed = user.with_reset_password(password, now);
            let told = events::user_password_reset(&self.env, ctx, &changed);
            self.replace_password(tx, ctx, (&user, &changed), None, told).await?;
            if user.email_verified_at.is_none() {
                tx.events().append(events::user_email_verified(&self.env, ctx, &changed)).await?;
            }
            Ok(())
        });
        work.await
    }
}
