//! Ending one's session.

use super::{Authenticated, SessionService};
use crate::{EndReason, error::IdentityResult, events};
use kernel::{CallContext, SystemScope};

impl SessionService {
    /// Ends the session that makes this call: its tokens fail from the next call on. Ended before, it stays so.
    ///
    /// # Errors
    /// The store's.
    pub async fn log_out(&self, ctx: &CallContext, caller: &Authenticated) -> IdentityResult<()> {
        let (scope, now) = (SystemScope::for_authentication(), self.env.now());
        let work = self.uow.run(&scope, async |tx| {
            if tx.sessions().end(caller.session, caller.user, EndReason::LoggedOut, now).await? {
                let family = (caller.session, caller.user);
                tx.events()
                    .append(events::session_ended(&self.env, ctx, family, EndReason::LoggedOut))
                    .await?;
            }
            Ok(())
        });
        work.await
    }
}
