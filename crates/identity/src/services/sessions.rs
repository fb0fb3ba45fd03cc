//! Where am I logged in?

use super::{Authenticated, SessionService};
use crate::{EndReason, IdentityError, Session, error::IdentityResult, events};
use kernel::{CallContext, Page, PageRequest, SessionId, SystemScope, UserScope};

impl SessionService {
    /// The person's live sessions, the latest login first.
    ///
    /// # Errors
    /// The store's.
    pub async fn list(&self, scope: &UserScope, request: &PageRequest) -> IdentityResult<Page<Session>> {
        Ok(self.sessions.page(scope, request, self.env.now()).await?)
    }

    /// Ends a session of the person who calls, the calling one included.
    ///
    /// # Errors
    /// [`IdentityError::NotFound`] for a session that is unknown, over, or another person's; or the store's.
    pub async fn end(
        &self,
        ctx: &CallContext,
        caller: &Authenticated,
        session: SessionId,
    ) -> IdentityResult<()> {
        let reason = if Some(session) == caller.session { EndReason::LoggedOut } else { EndReason::Revoked };
        let (scope, now) = (SystemScope::for_authentication(), self.env.now());
        let work = self.uow.run(&scope, async |tx| {
            if !tx.sessions().end(session, caller.user, reason, now).await? {
                return Err(IdentityError::NotFound);
            }
            let family = (session, caller.user);
            tx.events().append(events::session_ended(&self.env, ctx, family, reason)).await?;
            Ok(())
        });
        work.await
    }
}
