//! Beginning to use an authenticator.

use super::{SCOPE, SecondFactorService};
use crate::{IdentityError, MfaFactor, TotpSecret, error::IdentityResult, events, services::Authenticated};
use kernel::{CallContext, FactorId};
use secrecy::SecretString;

/// What goes into the authenticator. Not printable.
#[derive(Debug, Clone)]
pub struct Enrolment {
    /// For typing in: base32.
    pub secret: SecretString,
    /// For scanning: the content of a QR code.
    pub url: SecretString,
}

impl SecondFactorService {
    /// Makes a secret for the person's authenticator. It counts only once they have shown a code of it; until then
    /// another enrolment takes its place.
    ///
    /// # Errors
    /// [`IdentityError::FreshAuthenticationRequired`]; [`IdentityError::MfaAlreadyEnrolled`] when one is confirmed;
    /// [`IdentityError::Crypto`], or the store's.
    pub async fn enrol(&self, ctx: &CallContext, caller: &Authenticated) -> IdentityResult<Enrolment> {
        let now = self.env.now();
        caller.require_fresh(now)?;
        let id: FactorId = self.env.id();
        let secret = TotpSecret::generate(&*self.randomness)?;
        let sealed = self.cipher.seal(secret.as_bytes(), &MfaFactor::place(caller.user, id))?;
        let factor = MfaFactor::pending(id, caller.user, sealed, now);
        let work = self.uow.run(&SCOPE, async |tx| {
            let user = tx.users().find(caller.user).await?.ok_or(IdentityError::Unauthenticated)?;
            match tx.factors().find(user.id).await? {
                Some(present) if present.is_confirmed() => return Err(IdentityError::MfaAlreadyEnrolled),
                Some(_) => tx.factors().remove(user.id).await?,
                None => {}
            }
            tx.factors().insert(&factor).await?;
            tx.events().append(events::mfa_enrolment_started(&self.env, ctx, user.id)).await?;
            Ok(user.email)
        });
        let account = work.await?;
        Ok(Enrolment { secret: secret.base32(), url: secret.url(&account) })
    }
}
