//! Tokens that were sent by mail.

use super::EmailAddress;
use kernel::{EmailTokenId, Timestamp, TokenHash, TokenState, UserId};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// What the holder of a mail token may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EmailTokenPurpose {
    /// Prove that the address is theirs.
    VerifyEmail,
    /// Set a new password.
    ResetPassword,
    /// Move the account to the address that the mail went to.
    ChangeEmail,
    /// Nothing: it is in no mail, and notes when the account was told that somebody signs up with its address.
    SignUpNotice,
}

impl EmailTokenPurpose {
    /// Every purpose.
    pub const ALL: [Self; 4] =
        [Self::VerifyEmail, Self::ResetPassword, Self::ChangeEmail, Self::SignUpNotice];

    /// The stable name, as stored.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::VerifyEmail => "verify_email",
            Self::ResetPassword => "reset_password",
            Self::ChangeEmail => "change_email",
            Self::SignUpNotice => "sign_up_notice",
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
            Self::VerifyEmail | Self::ChangeEmail | Self::SignUpNotice => Duration::from_secs(24 * 60 * 60),
            Self::ResetPassword => Duration::from_secs(30 * 60),
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
    /// Where the account is to move to. Kept while the token is open, as it is an address of a person.
    pub new_email: Option<EmailAddress>,
}

impl EmailToken {
    /// How long a person waits for the next mail of a purpose: nobody's postbox is filled by somebody else's requests.
    pub const PAUSE: Duration = Duration::from_secs(2 * 60);

    /// A fresh token.
    #[must_use]
    pub fn issue(
        id: EmailTokenId,
        user_id: UserId,
        purpose: EmailTokenPurpose,
        token_hash: TokenHash,
        now: Timestamp,
    ) -> Self {
        let expires_at = now.plus(purpose.lifetime());
        Self { id, user_id, purpose, token_hash, expires_at, used_at: None, new_email: None }
    }

    /// The token of a move to this address.
    #[must_use]
    pub fn towards(self, new_email: EmailAddress) -> Self {
        Self { new_email: Some(new_email), ..self }
    }

    /// Whether this open token is so young that the next one has to wait.
    #[must_use]
    pub fn is_recent(&self, now: Timestamp) -> bool {
        now < self.expires_at.minus(self.purpose.lifetime()).plus(Self::PAUSE)
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

    const AT: Timestamp = Timestamp::from_micros(0);

    fn token(purpose: EmailTokenPurpose) -> EmailToken {
        let hash = TokenHash::from_bytes([1; 32]);
        EmailToken::issue(uuid::Uuid::nil().into(), uuid::Uuid::nil().into(), purpose, hash, AT)
    }

    #[test]
    fn a_proof_of_an_address_lasts_a_day_and_a_reset_half_an_hour() {
        use EmailTokenPurpose as P;
        let lasting = [
            (P::VerifyEmail, 86_400),
            (P::ChangeEmail, 86_400),
            (P::SignUpNotice, 86_400),
            (P::ResetPassword, 1_800),
        ];
        for (purpose, seconds) in lasting {
            let state = |seconds| token(purpose).state(AT.plus(Duration::from_secs(seconds)));
            assert_eq!((state(seconds - 1), state(seconds)), (TokenState::Open, TokenState::Expired));
            assert_eq!(P::from_name(purpose.name()), Some(purpose));
        }
    }

    #[test]
    fn the_next_mail_waits_for_two_minutes() {
        for purpose in EmailTokenPurpose::ALL {
            let is_recent = |seconds| token(purpose).is_recent(AT.plus(Duration::from_secs(seconds)));
            assert_eq!((is_recent(0), is_recent(119), is_recent(120)), (true, true, false));
        }
    }
}
