//! Proving that the authenticator has the secret.

use super::{SCOPE, SecondFactorService};
use crate::{
    EndReason, IdentityError,
    error::IdentityResult,
    events,
    ports::IdentityTx,
    services::{Authenticated, MailPurpose, mail},
};
use kernel::{CallContext, FieldErrors, Timestamp, Violation};
use secrecy::{ExposeSecret, SecretString};

impl SecondFactorService {
    /// Confirms the factor by a present code, and answers the recovery codes, which nobody sees again. From now on
    /// logins take the factor; sessions that began without it end, all but the caller's.
    ///
    /// # Errors
    /// [`IdentityError::FreshAuthenticationRequired`], [`IdentityError::MfaNotEnrolled`],
    /// [`IdentityError::MfaAlreadyEnrolled`]; [`IdentityError::Invalid`] for a wrong code; [`IdentityError::Crypto`],
    /// or the store's.
    pub async fn confirm(
        &self,
        ctx: &CallContext,
        caller: &Authenticated,
        code: &SecretString,
    ) -> IdentityResult<Vec<SecretString>> {
        let now = self.env.now();
        caller.require_fresh(now)?;
        let codes = self.fresh_codes()?;
        let work = self.uow.run(&SCOPE, async |tx| {
            tx.users().find(caller.user).await?.ok_or(IdentityError::Unauthenticated)?;
            let pending = tx.factors().find(caller.user).await?.ok_or(IdentityError::MfaNotEnrolled)?;
            if pending.is_confirmed() {
                return Err(IdentityError::MfaAlreadyEnrolled);
            }
            let step = self.secret_of(&pending)?.step_of(code.expose_secret(), now).ok_or_else(wrong_code)?;
            tx.factors().save(&pending.confirmed(step, now)).await?;
            tx.recovery_codes().replace(caller.user, &codes.hashes(), now).await?;
            tx.events().append(events::mfa_enrolled(&self.env, ctx, caller.user)).await?;
            let notice = mail::job(&self.env, ctx, caller.user, MailPurpose::SecondFactorAdded);
            tx.jobs().enqueue(notice).await?;
            self.end_others(tx, ctx, caller, now).await
        });
        work.await?;
        Ok(codes.texts())
    }

    async fn end_others(
        &self,
        tx: &mut dyn IdentityTx,
        ctx: &CallContext,
        caller: &Authenticated,
        now: Timestamp,
    ) -> IdentityResult<()> {
        let reason = EndReason::SecondFactorAdded;
        for session in tx.sessions().end_all(caller.user, caller.session, reason, now).await? {
            let ended = events::session_ended(&self.env, ctx, (session, caller.user), reason);
            tx.events().append(ended).await?;
        }
        Ok(())
    }
}

fn wrong_code() -> IdentityError {
    let message = "is not what the authenticator shows now";
    FieldErrors::one("/code", Violation::new("wrong_code", message)).into()
}
