//! Proving that an address is one's own.

use super::{AccountService, MailPurpose, mail};
use crate::{
    EmailAddress, EmailToken, EmailTokenPurpose, IdentityError, User, UserStatus, error::IdentityResult,
    events, ports::IdentityTx,
};
use kernel::{
    CallContext, FieldErrors, RawToken, StoreError, StoreResult, SystemScope, Timestamp, TokenHash, TokenKind,
};

impl AccountService {
    /// Takes the token out of a mail that proves an address: the account's own, or the one it is to move to. The token
    /// works once; shown again it is welcome as long as its user's address stands verified, as mail scanners open
    /// links before people do.
    ///
    /// # Errors
    /// [`IdentityError::TokenInvalid`] for an unknown, expired or superseded token, [`IdentityError::EmailTaken`] when
    /// somebody else has proven the new address first, or the store's.
    pub async fn verify_email(&self, ctx: &CallContext, token: &str) -> IdentityResult<()> {
        let token = RawToken::parse(TokenKind::Email, token).ok_or(IdentityError::TokenInvalid)?;
        let (scope, hash, now) = (SystemScope::for_authentication(), token.hash(), self.env.now());
        let work = self.uow.run(&scope, async |tx| {
            let (user, shown) = holder_of(tx, &hash).await?.ok_or(IdentityError::TokenInvalid)?;
            if tx.email_tokens().consume(&hash, shown.purpose, now).await?.is_none() {
                return if was_welcome(tx, &hash, &user).await? {
                    Ok(())
                } else {
                    Err(IdentityError::TokenInvalid)
                };
            }
            match (shown.purpose, shown.new_email) {
                (EmailTokenPurpose::VerifyEmail, _) => self.verified(tx, ctx, &user, now).await,
                (EmailTokenPurpose::ChangeEmail, Some(address)) => {
                    self.moved(tx, ctx, &user, address, now).await
                }
                _ => Err(IdentityError::TokenInvalid),
            }
        });
        work.await
    }

    /// Sends the mail that proves an address again: a mail may get lost. The answer is the same, and the effort, for an
    /// address that is unknown or proven.
    ///
    /// # Errors
    /// [`IdentityError::Invalid`] for what is no address, or the store's.
    pub async fn resend_verification(&self, ctx: &CallContext, email: &str) -> IdentityResult<()> {
        let email = EmailAddress::parse(email).map_err(|wrong| FieldErrors::one("/email", wrong))?;
        let scope = SystemScope::for_authentication();
        let work = self.uow.run(&scope, async |tx| {
            let user = tx.users().find_by_email(&email).await?.map(|user| user.id);
            let job = mail::job_for_anybody(&self.env, ctx, user, MailPurpose::VerifyEmail);
            tx.jobs().enqueue(job).await?;
            Ok(())
        });
        work.await
    }

    async fn verified(
        &self,
        tx: &mut dyn IdentityTx,
        ctx: &CallContext,
        user: &User,
        now: Timestamp,
    ) -> IdentityResult<()> {
        if let Some(verified) = user.with_verified_email(now) {
            tx.users().save(&verified, user.version).await?;
            tx.events().append(events::user_email_verified(&self.env, ctx, &verified)).await?;
        }
        Ok(())
    }

    async fn moved(
        &self,
        tx: &mut dyn IdentityTx,
        ctx: &CallContext,
        user: &User,
        address: EmailAddress,
        now: Timestamp,
    ) -> IdentityResult<()> {
        if user.status != UserStatus::Active {
            return Err(IdentityError::TokenInvalid);
        }
        let moved = user.with_email(address, now);
        tx.users().save(&moved, user.version).await.map_err(|error| match error {
            StoreError::Conflict(_) => IdentityError::EmailTaken,
            error => error.into(),
        })?;
        // They were mailed to an address that is the account's no longer.
        tx.email_tokens().expire(user.id, &EmailTokenPurpose::ALL, now).await?;
        tx.events().append(events::user_email_changed(&self.env, ctx, &moved)).await?;
        let notice = mail::job_to(&self.env, ctx, (user.id, &user.email), MailPurpose::EmailChanged);
        tx.jobs().enqueue(notice).await?;
        Ok(())
    }
}

/// The token with its user, who is held until the unit ends. Users are held before their tokens everywhere: two units
/// that took them in different orders would wait for each other.
pub(super) async fn holder_of(
    tx: &mut dyn IdentityTx,
    hash: &TokenHash,
) -> StoreResult<Option<(User, EmailToken)>> {
    let Some(token) = tx.email_tokens().find(hash).await? else { return Ok(None) };
    Ok(tx.users().find(token.user_id).await?.map(|user| (user, token)))
}

/// Whether a token that can't be used (any more) had proven what is still proven. It is looked at anew, as it may have
/// been used while its user was waited for.
async fn was_welcome(tx: &mut dyn IdentityTx, hash: &TokenHash, user: &User) -> StoreResult<bool> {
    use EmailTokenPurpose as P;
    let token = tx.email_tokens().find(hash).await?;
    let proved = |token: &EmailToken| {
        token.used_at.is_some() && matches!(token.purpose, P::VerifyEmail | P::ChangeEmail)
    };
    Ok(token.as_ref().is_some_and(proved) && user.email_verified_at.is_some())
}
