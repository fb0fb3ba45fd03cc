//! Proving that an address is one's own.

use super::AccountService;
use crate::{EmailTokenPurpose, IdentityError, error::IdentityResult, events, ports::IdentityTx};
use kernel::{CallContext, RawToken, StoreResult, SystemScope, TokenHash, TokenKind};

impl AccountService {
    /// Takes the token out of the verification mail. The token works once; shown again it is welcome as long as its
    /// user's address stands verified, as mail scanners open links before people do.
    ///
    /// # Errors
    /// [`IdentityError::TokenInvalid`] for an unknown, expired or superseded token, or the store's.
    pub async fn verify_email(&self, ctx: &CallContext, token: &str) -> IdentityResult<()> {
        let token = RawToken::parse(TokenKind::Email, token).ok_or(IdentityError::TokenInvalid)?;
        let (scope, hash, now) = (SystemScope::for_authentication(), token.hash(), self.env.now());
        let work = self.uow.run(&scope, async |tx| {
            let Some(used) = tx.email_tokens().consume(&hash, EmailTokenPurpose::VerifyEmail, now).await?
            else {
                return if was_welcome(tx, &hash).await? { Ok(()) } else { Err(IdentityError::TokenInvalid) };
            };
            let user = tx.users().find(used.user_id).await?.ok_or(IdentityError::TokenInvalid)?;
            if let Some(verified) = user.with_verified_email(now) {
                tx.users().save(&verified, user.version).await?;
                tx.events().append(events::user_email_verified(&self.env, ctx, &verified)).await?;
            }
            Ok(())
        });
        work.await
    }
}

async fn was_welcome(tx: &mut dyn IdentityTx, hash: &TokenHash) -> StoreResult<bool> {
    let Some(token) = tx.email_tokens().find(hash).await? else { return Ok(false) };
    if token.used_at.is_none() || token.purpose != EmailTokenPurpose::VerifyEmail {
        return Ok(false);
    }
    let user = tx.users().find(token.user_id).await?;
    Ok(user.is_some_and(|user| user.email_verified_at.is_some()))
}
