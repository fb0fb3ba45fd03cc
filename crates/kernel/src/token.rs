//! Opaque tokens: texts that only their holder has, and of which only the hash is stored.

use crate::Timestamp;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// What a token is for. The kind is part of the text and so of its hash: no token passes for one of another kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// Buys the next pair of tokens of a session.
    Refresh,
    /// Was sent by mail to an account's address.
    Email,
    /// Stands for a password that was right while the second factor is still to come.
    Challenge,
    /// Lets the person whom it was mailed to into a workspace.
    Invitation,
    /// Lets a program act in a workspace.
    ApiKey,
}

impl TokenKind {
    /// What its tokens begin with.
    #[must_use]
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Refresh => "rfr_",
            Self::Email => "eml_",
            Self::Challenge => "mfa_",
            Self::Invitation => "inv_",
            Self::ApiKey => "rf_",
        }
    }
}

/// The text of a token: the kind's prefix and 256 bits as base64url. Not printable.
#[derive(Debug, Clone)]
pub struct RawToken(SecretString);

impl RawToken {
    pub(crate) fn new(kind: TokenKind, bits: &[u8; 32]) -> Self {
        Self(format!("{}{}", kind.prefix(), URL_SAFE_NO_PAD.encode(bits)).into())
    }

    /// Takes a text that can be a token of this kind.
    #[must_use]
    pub fn parse(kind: TokenKind, text: &str) -> Option<Self> {
        let bits = URL_SAFE_NO_PAD.decode(text.strip_prefix(kind.prefix())?).ok()?;
        (bits.len() == 32).then(|| Self(text.into()))
    }

    /// The text, for its holder alone.
    #[must_use]
    pub const fn secret(&self) -> &SecretString {
        &self.0
    }

    /// What is stored of it.
    #[must_use]
    pub fn hash(&self) -> TokenHash {
        TokenHash(Sha256::digest(self.0.expose_secret()).into())
    }
}

/// The SHA-256 of a token. Plain hashing is enough, as nobody can guess 256 random bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TokenHash([u8; 32]);

impl TokenHash {
    /// From a store.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// For a store.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// Where a token is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenState {
    /// Can be used.
    Open,
    /// Was used.
    Used,
    /// Its time ran out, or a newer one took its place, before it was used.
    Expired,
}

/// What happens to a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenInput {
    /// Its holder shows it.
    Use,
    /// Its time runs out.
    Expire,
}

impl TokenState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Open, Self::Used, Self::Expired];

    /// The state that the stored instants tell.
    #[must_use]
    pub fn of(used_at: Option<Timestamp>, expires_at: Timestamp, now: Timestamp) -> Self {
        match used_at {
            Some(_) => Self::Used,
            None if expires_at <= now => Self::Expired,
            None => Self::Open,
        }
    }

    /// The next state; `None` when the input has no business in this state.
    #[must_use]
    pub const fn transition(self, input: TokenInput) -> Option<Self> {
        match (self, input) {
            (Self::Open, TokenInput::Use) => Some(Self::Used),
            (Self::Open, TokenInput::Expire) => Some(Self::Expired),
            (Self::Used | Self::Expired, _) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_comes_back_from_its_text_and_never_as_another_kind() {
        let token = RawToken::new(TokenKind::Refresh, &[7; 32]);
        let text = token.secret().expose_secret();
        assert_eq!(RawToken::parse(TokenKind::Refresh, text).unwrap().hash(), token.hash());
        assert!(RawToken::parse(TokenKind::Email, text).is_none());
        assert_ne!(RawToken::new(TokenKind::Email, &[7; 32]).hash(), token.hash());
        assert!(!format!("{token:?}").contains(text));
    }

    #[test]
    fn what_no_mint_made_is_no_token() {
        let good = RawToken::new(TokenKind::Refresh, &[7; 32]);
        let good = good.secret().expose_secret();
        for bad in ["", "rfr_", &good[1..], &good[..46], &format!("{good}A"), &format!("{good}\n"), "rfr_\0"]
        {
            assert!(RawToken::parse(TokenKind::Refresh, bad).is_none(), "{bad:?}");
        }
    }

    #[test]
    fn every_pair_of_state_and_input_is_decided() {
        use TokenInput as I;
        use TokenState as S;
        let allowed = [(S::Open, I::Use, S::Used), (S::Open, I::Expire, S::Expired)];
        for state in S::ALL {
            for input in [I::Use, I::Expire] {
                let expected = allowed.iter().find(|(s, i, _)| (*s, *i) == (state, input)).map(|row| row.2);
                assert_eq!(state.transition(input), expected, "{state:?} {input:?}");
            }
        }
    }

    #[test]
    fn the_last_instant_is_too_late() {
        let at = Timestamp::from_micros;
        assert_eq!(TokenState::of(None, at(10), at(9)), TokenState::Open);
        assert_eq!(TokenState::of(None, at(10), at(10)), TokenState::Expired);
        assert_eq!(TokenState::of(Some(at(3)), at(10), at(10)), TokenState::Used);
    }
}
