//! Sessions.

use kernel::{CallContext, SessionId, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use std::{net::IpAddr, time::Duration};

/// Where a session is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionState {
    /// Its tokens work.
    Live,
    /// Was ended; see [`EndReason`].
    Ended,
    /// Its time is over, or nobody has used it for too long.
    Expired,
}

/// What happens to a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionInput {
    /// Somebody or something ends it.
    End,
    /// Its time runs out.
    Expire,
}

impl SessionState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Live, Self::Ended, Self::Expired];

    /// The next state; `None` when the input has no business in this state.
    #[must_use]
    pub const fn transition(self, input: SessionInput) -> Option<Self> {
        match (self, input) {
            (Self::Live, SessionInput::End) => Some(Self::Ended),
            (Self::Live, SessionInput::Expire) => Some(Self::Expired),
            (Self::Ended | Self::Expired, _) => None,
        }
    }
}

/// Why a session ended before its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    /// The person logged out.
    LoggedOut,
    /// A used refresh token was shown again: somebody has a copy.
    TokenReused,
    /// It began without the second factor that the person has now.
    SecondFactorAdded,
    /// The person was shut out.
    Banned,
    /// The person was erased.
    Erased,
    /// The person ended it from another session.
    Revoked,
    /// The password was changed in another session, or reset by mail.
    PasswordChanged,
}

impl EndReason {
    /// Every reason.
    pub const ALL: [Self; 7] = [
        Self::LoggedOut,
        Self::TokenReused,
        Self::SecondFactorAdded,
        Self::Banned,
        Self::Erased,
        Self::Revoked,
        Self::PasswordChanged,
    ];

    /// The stable name, as stored and on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::LoggedOut => "logged_out",
            Self::TokenReused => "token_reused",
            Self::SecondFactorAdded => "second_factor_added",
            Self::Banned => "banned",
            Self::Erased => "erased",
            Self::Revoked => "revoked",
            Self::PasswordChanged => "password_changed",
        }
    }

    /// The reason of a stored name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.name() == name)
    }
}

/// One login on one device; the family of its refresh tokens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// Who logged in.
    pub user_id: UserId,
    /// From where, when it is known.
    pub address: Option<IpAddr>,
    /// With what, as the client calls itself.
    pub user_agent: Option<String>,
    /// When.
    pub created_at: Timestamp,
    /// When its tokens were last renewed.
    pub last_seen_at: Timestamp,
    /// When it is over whatever happens.
    pub expires_at: Timestamp,
    /// When it was ended before that.
    pub ended_at: Option<Timestamp>,
    /// Why.
    pub end_reason: Option<EndReason>,
}

impl Session {
    /// How long a session lasts at most; no refresh makes it longer.
    pub const LIFETIME: Duration = Duration::from_secs(30 * 24 * 60 * 60);

    /// How long it may go without a refresh: a forgotten device is no open door.
    pub const IDLE: Duration = Duration::from_secs(14 * 24 * 60 * 60);

    /// A login of this user by this call.
    #[must_use]
    pub fn start(id: SessionId, user_id: UserId, ctx: &CallContext, now: Timestamp) -> Self {
        Self {
            id,
            user_id,
            address: ctx.address,
            user_agent: ctx.user_agent.clone(),
            created_at: now,
            last_seen_at: now,
            expires_at: now.plus(Self::LIFETIME),
            ended_at: None,
            end_reason: None,
        }
    }

    /// Where it is in its life.
    #[must_use]
    pub fn state(&self, now: Timestamp) -> SessionState {
        match self.ended_at {
            Some(_) => SessionState::Ended,
            None if self.expires_at.min(self.last_seen_at.plus(Self::IDLE)) <= now => SessionState::Expired,
            None => SessionState::Live,
        }
    }

    /// Whether its tokens work.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.state(now) == SessionState::Live
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::testing;

    #[test]
    fn every_pair_of_state_and_input_is_decided() {
        use SessionInput as I;
        use SessionState as S;
        let allowed = [(S::Live, I::End, S::Ended), (S::Live, I::Expire, S::Expired)];
        for state in S::ALL {
            for input in [I::End, I::Expire] {
                let expected = allowed.iter().find(|(s, i, _)| (*s, *i) == (state, input)).map(|row| row.2);
                assert_eq!(state.transition(input), expected, "{state:?} {input:?}");
            }
        }
        for reason in EndReason::ALL {
            assert_eq!(EndReason::from_name(reason.name()), Some(reason));
        }
    }

    #[test]
    fn a_session_lives_thirty_days_unless_it_is_ended_or_idle_for_fourteen() {
        let (env, _) = testing::environment();
        let user = env.id();
        let session = Session::start(env.id(), user, &testing::call_by(user), env.now());
        let (last, moment) = (env.now().plus(Session::LIFETIME), Duration::from_micros(1));
        let busy = Session { last_seen_at: last.minus(Duration::from_secs(60)), ..session.clone() };
        assert!(busy.is_live(last.minus(moment)));
        assert_eq!(busy.state(last), SessionState::Expired);
        let idle = env.now().plus(Session::IDLE);
        assert!(session.is_live(idle.minus(moment)));
        assert_eq!(session.state(idle), SessionState::Expired);
        let ended = Session { ended_at: Some(env.now()), ..session };
        assert_eq!(ended.state(env.now()), SessionState::Ended);
    }
}
