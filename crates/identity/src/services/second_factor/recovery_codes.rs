//! New recovery codes for old ones.

use super::{SCOPE, SecondFactorService};
use crate::{IdentityError, error::IdentityResult, events, services::Authenticated};
use kernel::CallContext;
use secrecy::SecretString;

impl SecondFactorService {
    /// Makes new recovery codes; the old ones work no more.
    ///
    /// # Errors
    /// [`IdentityError::FreshAuthenticationRequired`]; [`IdentityError::MfaNotEnrolled`] without a confirmed factor;
    /// [`IdentityError::Crypto`], or the store's.
    pub async fn replace_recovery_codes(
        &self,
        ctx: &CallContext,
        caller: &Authenticated,
    ) -> IdentityResult<Vec<SecretString>> {
        let now = self.env.now();
        caller.require_fresh(now)?;
        let codes = self.fresh_codes()?;
        let work = self.uow.run(&SCOPE, async |tx| {
            tx.users().find(caller.user).await?.ok_or(IdentityError::Unauthenticated)?;
            let factor = tx.factors().find(caller.user).await?.filter(|factor| factor.is_confirmed());
            factor.ok_or(IdentityError::MfaNotEnrolled)?;
            tx.recovery_codes().replace(caller.user, &codes.hashes(), now).await?;
            tx.events().append(events::recovery_codes_replaced(&self.env, ctx, caller.user)).await?;
            Ok(())
        });
        let done: IdentityResult<()> = work.await;
        done.map(|()| codes.texts())
    }
}
