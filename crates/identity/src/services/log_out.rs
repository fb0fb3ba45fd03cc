//! Ending one's session.

use super::{Authenticated, SessionService};
use crate::{EndReason, IdentityError, error::IdentityResult, events};
use kernel::{CallContext, SystemScope};

impl SessionService {
    /// Ends the session that makes this call: its tokens fail from the next call on. Ended before, it stays so.
    ///
    /// # Errors
    /// [`IdentityError::ExternalLogin`] for somebody whose session another service has, or the store's.
    pub async fn log_out(&self, ctx: &CallContext, caller: &Authenticated) -> IdentityResult<()> {
        let session = caller.session.ok_or(IdentityError::ExternalLogin)?;
        let (scope, now) = (SystemScope::for_authentication(), self.env.now());
        let work = self.uow.run(&scope, async |tx| {
            if tx.sessions().end(session, caller.user, EndReason::LoggedOut, now).await? {
                let family = (session, caller.user);
                tx.events()
                    .append(events::session_ended(&self.env, ctx, family, EndReason::LoggedOut))
                    .await?;
            }
            Ok(())
        });
        work.await
    }
}
