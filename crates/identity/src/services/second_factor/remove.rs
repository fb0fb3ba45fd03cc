//! Doing without the second factor again.

use super::{SCOPE, SecondFactorService};
use crate::{
    IdentityError,
    error::IdentityResult,
    events,
    services::{Authenticated, MailPurpose, mail},
};
use kernel::CallContext;

impl SecondFactorService {
    /// Removes the factor, confirmed or not, with its recovery codes. That a fresh login is required means that the
    /// factor was shown within the last fifteen minutes.
    ///
    /// # Errors
    /// [`IdentityError::FreshAuthenticationRequired`], [`IdentityError::MfaNotEnrolled`], or the store's.
    pub async fn remove(&self, ctx: &CallContext, caller: &Authenticated) -> IdentityResult<()> {
        let now = self.env.now();
        caller.require_fresh(now)?;
        let work = self.uow.run(&SCOPE, async |tx| {
            tx.users().find(caller.user).await?.ok_or(IdentityError::Unauthenticated)?;
            let factor = tx.factors().find(caller.user).await?.ok_or(IdentityError::MfaNotEnrolled)?;
            tx.factors().remove(caller.user).await?;
            tx.recovery_codes().replace(caller.user, &[], now).await?;
            tx.events().append(events::mfa_removed(&self.env, ctx, caller.user)).await?;
            if factor.is_confirmed() {
                let notice = mail::job(&self.env, ctx, caller.user, MailPurpose::SecondFactorRemoved);
                tx.jobs().enqueue(notice).await?;
            }
            Ok(())
        });
        work.await
    }
}
