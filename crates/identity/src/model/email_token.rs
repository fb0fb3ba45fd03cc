//! Tokens that were sent by mail.

use kernel::{EmailTokenId, Timestamp, TokenHash, TokenState, UserId};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// What the holder of a mail token may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EmailTokenPurpose {
    /// Prove that the address is theirs.
    VerifyEmail,
}

impl EmailTokenPurpose {
    /// Every purpose.
    pub const ALL: [Self; 1] = [Self::VerifyEmail];

    /// The stable name, as stored.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::VerifyEmail => "verify_email",
        }
    }

    /// The purpose of a stored name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|purpose| purpose.name() == name)
    }

    /// How long its tokens can be used.
    #[must_use]
    pub const fn lifetime(self) -> Duration {
        match self {
            Self::VerifyEmail => Duration::from_secs(24 * 60 * 60),
        }
    }
}

/// A single-use token that was sent by mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmailToken {
    /// Its id.
    pub id: EmailTokenId,
    /// Whom it was sent to.
    pub user_id: UserId,
    /// What it allows.
    pub purpose: EmailTokenPurpose,
    /// SHA-256 of the text; unique.
    pub token_hash: TokenHash,
    /// When it is too late. Brought forward when a newer token of the purpose is issued.
    pub expires_at: Timestamp,
    /// When it was used.
    pub used_at: Option<Timestamp>,
}

impl EmailToken {
    /// A fresh token.
    #[must_use]
    pub fn issue(
        id: EmailTokenId,
        user_id: UserId,
        purpose: EmailTokenPurpose,
        token_hash: TokenHash,
        now: Timestamp,
    ) -> Self {
        Self { id, user_id, purpose, token_hash, expires_at: now.plus(purpose.lifetime()), used_at: None }
    }

    /// Where it is in its life.
    #[must_use]
    pub fn state(&self, now: Timestamp) -> TokenState {
        TokenState::of(self.used_at, self.expires_at, now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verification_lasts_a_day() {
        let at = Timestamp::from_micros(0);
        let purpose = EmailTokenPurpose::VerifyEmail;
        let hash = TokenHash::from_bytes([1; 32]);
        let token = EmailToken::issue(uuid::Uuid::nil().into(), uuid::Uuid::nil().into(), purpose, hash, at);
        assert_eq!(token.state(at.plus(Duration::from_secs(86_399))), TokenState::Open);
        assert_eq!(token.state(at.plus(Duration::from_secs(86_400))), TokenState::Expired);
        assert_eq!(EmailTokenPurpose::from_name(purpose.name()), Some(purpose));
    }
}
