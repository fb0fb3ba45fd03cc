//! Refresh tokens, and what a second use of one means.

use super::{Session, UserStatus};
use kernel::{
    RawToken, RefreshTokenId, SessionId, Timestamp, TokenHash, TokenKind, TokenMint, TokenState, UserId,
};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// A link in the chain of a session's refresh tokens. The chain starts with the login.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefreshToken {
    /// Its id.
    pub id: RefreshTokenId,
    /// Its family.
    pub session_id: SessionId,
    /// Whose family that is.
    pub user_id: UserId,
    /// SHA-256 of the text; unique.
    pub token_hash: TokenHash,
    /// The token that it took the place of; `None` for the login's. Unique: a token has one successor.
    pub parent: Option<RefreshTokenId>,
    /// When it was made.
    pub issued_at: Timestamp,
    /// When it was used first. Never moved.
    pub consumed_at: Option<Timestamp>,
    /// The end of its session: a refresh makes nothing longer.
    pub expires_at: Timestamp,
}

impl RefreshToken {
    /// For how long a second use gets the same successor, from the first use on (OAuth servers' usual value: two
    /// tabs, server-side rendering, a lost answer).
    pub const GRACE: Duration = Duration::from_secs(10);

    /// The first token of a session.
    #[must_use]
    pub const fn first(id: RefreshTokenId, session: &Session, token_hash: TokenHash) -> Self {
        Self {
            id,
            session_id: session.id,
            user_id: session.user_id,
            token_hash,
            parent: None,
            issued_at: session.created_at,
            consumed_at: None,
            expires_at: session.expires_at,
        }
    }

    /// The token that takes this one's place.
    #[must_use]
    pub const fn successor(&self, id: RefreshTokenId, token_hash: TokenHash, now: Timestamp) -> Self {
        Self {
            id,
            session_id: self.session_id,
            user_id: self.user_id,
            token_hash,
            parent: Some(self.id),
            issued_at: now,
            consumed_at: None,
            expires_at: self.expires_at,
        }
    }

    /// The text of the token that takes the place of `shown`: the same one each time, so that a client whose answer got
    /// lost can get it again without it being stored.
    #[must_use]
    pub fn successor_text(mint: &TokenMint, session: SessionId, shown: &RawToken) -> RawToken {
        let parent = shown.secret().expose_secret().as_bytes();
        mint.derived(TokenKind::Refresh, "successor", &[session.uuid().as_bytes(), parent])
    }

    /// Where it is in its life.
    #[must_use]
    pub fn state(&self, now: Timestamp) -> TokenState {
        TokenState::of(self.consumed_at, self.expires_at, now)
    }
}

/// A refresh token that could not be consumed, with what is needed to know why.
#[derive(Debug, Clone, PartialEq)]
pub struct SpentToken {
    /// The token that was shown.
    pub token: RefreshToken,
    /// Its family.
    pub session: Session,
    /// Whether the person may still come in.
    pub user_status: UserStatus,
    /// The token that took its place, when one did.
    pub successor: Option<RefreshToken>,
}

/// What a token that could not be consumed is answered with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replay {
    /// The successor that the first use got.
    SameSuccessor,
    /// Nothing, and nothing happens.
    Refused,
    /// Nothing, and the family ends: somebody has a copy.
    Reused,
}

impl SpentToken {
    /// Judges the use of a token that could not be consumed.
    ///
    /// Within the grace a client that goes on with the successor is proof that the answer had arrived, so the parent
    /// is refused then; but not punished, as the other tab may be late.
    #[must_use]
    pub fn judge(&self, now: Timestamp) -> Replay {
        if !self.session.is_live(now) || self.user_status != UserStatus::Active {
            return Replay::Refused;
        }
        let Some(first_use) = self.token.consumed_at else { return Replay::Refused };
        let in_grace = now.since(first_use) <= RefreshToken::GRACE;
        match &self.successor {
            Some(successor) if in_grace && successor.consumed_at.is_none() => Replay::SameSuccessor,
            _ if in_grace => Replay::Refused,
            _ => Replay::Reused,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::testing;

    fn spent() -> (SpentToken, Timestamp) {
        let (env, _) = testing::environment();
        let user = env.id();
        let session = Session::start(env.id(), user, &testing::call_by(user), env.now());
        let hash = |n| TokenHash::from_bytes([n; 32]);
        let open = RefreshToken::first(env.id(), &session, hash(1));
        let token = RefreshToken { consumed_at: Some(env.now()), ..open };
        let successor = Some(token.successor(env.id(), hash(2), env.now()));
        (SpentToken { token, session, user_status: UserStatus::Active, successor }, env.now())
    }

    #[test]
    fn the_grace_ends_ten_seconds_after_the_first_use() {
        let (spent, used) = spent();
        let last = used.plus(RefreshToken::GRACE);
        assert_eq!(spent.judge(used), Replay::SameSuccessor);
        assert_eq!(spent.judge(last), Replay::SameSuccessor);
        assert_eq!(spent.judge(last.plus(Duration::from_micros(1))), Replay::Reused);
    }

    #[test]
    fn a_parent_whose_successor_was_used_is_refused_in_the_grace_and_reused_after_it() {
        let (mut spent, used) = spent();
        spent.successor.as_mut().unwrap().consumed_at = Some(used);
        assert_eq!(spent.judge(used), Replay::Refused);
        assert_eq!(spent.judge(used.plus(Duration::from_secs(11))), Replay::Reused);
    }

    #[test]
    fn tokens_of_a_dead_family_and_of_somebody_shut_out_are_refused() {
        let (spent, used) = spent();
        let mut ended = spent.clone();
        ended.session.ended_at = Some(used);
        let mut unused = spent.clone();
        unused.token.consumed_at = None;
        let banned = SpentToken { user_status: UserStatus::Banned, ..spent.clone() };
        for token in [ended, unused, banned] {
            assert_eq!(token.judge(used), Replay::Refused);
        }
        assert_eq!(spent.judge(used.plus(Session::LIFETIME)), Replay::Refused);
    }
}
