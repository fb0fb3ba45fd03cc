//! Finding out who calls.

use super::SessionService;
use crate::{IdentityError, UserStatus, error::IdentityResult};
use kernel::{Actor, SessionId, SystemScope, Timestamp, UserId};
use std::time::Duration;

/// Somebody whose access token and session stood up to the check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Authenticated {
    /// Who.
    pub user: UserId,
    /// In which session; `None` when they came by another service's word, which has its own.
    pub session: Option<SessionId>,
    /// When they proved who they are: the login.
    pub since: Timestamp,
}

impl Authenticated {
    /// For how long after the login somebody may change what a thief of their session must not change.
    pub const FRESH_FOR: Duration = Duration::from_secs(15 * 60);

    /// Lets pass who has logged in lately, with everything a login takes.
    ///
    /// # Errors
    /// [`IdentityError::FreshAuthenticationRequired`].
    pub fn require_fresh(&self, now: Timestamp) -> IdentityResult<()> {
        let fresh = now.since(self.since) <= Self::FRESH_FOR;
        fresh.then_some(()).ok_or(IdentityError::FreshAuthenticationRequired)
    }

    /// The actor of the calls they make.
    #[must_use]
    pub const fn actor(&self) -> Actor {
        Actor::User(self.user)
    }
}

impl SessionService {
    /// Lets pass who has logged in lately; for what other domains ask a fresh login for.
    ///
    /// # Errors
    /// [`IdentityError::FreshAuthenticationRequired`].
    pub fn require_fresh(&self, login: &Authenticated) -> IdentityResult<()> {
        login.require_fresh(self.env.now())
    }

    /// Checks an access token and the session that it names: a logout or a ban bites on the next call.
    ///
    /// # Errors
    /// [`IdentityError::Unauthenticated`] whatever is wrong with the token or the session, or the store's.
    pub async fn authenticate(&self, access_token: &str) -> IdentityResult<Authenticated> {
        let claims = self.access.verify(access_token)?;
        let scope = SystemScope::for_authentication();
        let standing = self.sessions.find_standing(&scope, claims.session).await?;
        let stands = standing.filter(|standing| {
            standing.session.user_id == claims.user
                && standing.session.is_live(self.env.now())
                && standing.user_status == UserStatus::Active
        });
        let session = stands.ok_or(IdentityError::Unauthenticated)?.session;
        Ok(Authenticated { user: session.user_id, session: Some(session.id), since: session.created_at })
    }
}
