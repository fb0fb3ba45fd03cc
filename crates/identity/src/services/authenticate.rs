//! Finding out who calls.

use super::SessionService;
use crate::{IdentityError, UserStatus, error::IdentityResult};
use kernel::{Actor, SessionId, SystemScope, UserId};

/// Somebody whose access token and session stood up to the check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Authenticated {
    /// Who.
    pub user: UserId,
    /// In which session.
    pub session: SessionId,
}

impl Authenticated {
    /// The actor of the calls they make.
    #[must_use]
    pub const fn actor(&self) -> Actor {
        Actor::User(self.user)
    }
}

impl SessionService {
    /// Checks an access token and the session that it names: a logout or a ban bites on the next call.
    ///
    /// # Errors
    /// [`IdentityError::Unauthenticated`] whatever is wrong with the token or the session, or the store's.
    pub async fn authenticate(&self, access_token: &str) -> IdentityResult<Authenticated> {
        let claims = self.access.verify(access_token)?;
        let scope = SystemScope::for_authentication();
        let standing = self.sessions.find_standing(&scope, claims.session).await?;
        let stands = standing.is_some_and(|standing| {
            standing.session.user_id == claims.user
                && standing.session.is_live(self.env.now())
                && standing.user_status == UserStatus::Active
        });
        let caller = Authenticated { user: claims.user, session: claims.session };
        stands.then_some(caller).ok_or(IdentityError::Unauthenticated)
    }
}
