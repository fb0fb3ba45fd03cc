//! Makes tokens.

use super::{RawToken, TokenKind};
use hmac::{Hmac, KeyInit, Mac};
use kernel::{JobId, NoRandomness, Randomness, SessionId};
use secrecy::ExposeSecret;
use sha2::Sha256;
use std::sync::Arc;

/// Makes opaque tokens: at random, or derived from something by HMAC-SHA-256 under the server's key where the same
/// one must be made again. Without the key a derived token is as hard to guess as a random one.
#[derive(Clone)]
pub struct TokenMint {
    key: Hmac<Sha256>,
    randomness: Arc<dyn Randomness>,
}

/// The server's secret is too short to be one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the server's secret must have at least {} bytes", TokenMint::MIN_SECRET)]
pub struct SecretTooShort;

impl TokenMint {
    /// Shortest server secret, in bytes.
    pub const MIN_SECRET: usize = 32;

    /// A mint with a key of its own, derived from the server's secret.
    ///
    /// # Errors
    /// [`SecretTooShort`] below 32 bytes.
    pub fn new(secret: &[u8], randomness: Arc<dyn Randomness>) -> Result<Self, SecretTooShort> {
        if secret.len() < Self::MIN_SECRET {
            return Err(SecretTooShort);
        }
        let mut key = Hmac::new_from_slice(secret).map_err(|_| SecretTooShort)?;
        key.update(b"raptorflow token mint v1\0");
        Ok(Self { key, randomness })
    }

    /// The first refresh token of a session.
    ///
    /// # Errors
    /// [`NoRandomness`] when the operating system has none to give.
    pub fn first_refresh_token(&self) -> Result<RawToken, NoRandomness> {
        let mut bits = [0; 32];
        self.randomness.fill(&mut bits)?;
        Ok(RawToken::new(TokenKind::Refresh, &bits))
    }

    /// The successor of a refresh token: the same one each time, so that a client whose answer got lost can get it
    /// again without it being stored.
    #[must_use]
    pub fn successor(&self, session: SessionId, parent: &RawToken) -> RawToken {
        let parent = parent.secret().expose_secret().as_bytes();
        self.derive(TokenKind::Refresh, &[b"successor\0", session.uuid().as_bytes(), parent])
    }

    /// The token of the mail that a job sends: the same one each time the job runs.
    #[must_use]
    pub fn for_mail(&self, job: JobId) -> RawToken {
        self.derive(TokenKind::Email, &[b"mail\0", job.uuid().as_bytes()])
    }

    fn derive(&self, kind: TokenKind, parts: &[&[u8]]) -> RawToken {
        let mut mac = self.key.clone();
        for part in parts {
            mac.update(part);
        }
        RawToken::new(kind, &mac.finalize().into_bytes().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::SystemRandomness;

    fn mint(secret: u8) -> TokenMint {
        TokenMint::new(&[secret; 32], Arc::new(SystemRandomness)).unwrap()
    }

    #[test]
    fn a_successor_is_the_same_each_time_and_nowhere_else() {
        let (one, other) =
            (SessionId::from(uuid::Uuid::from_u128(1)), SessionId::from(uuid::Uuid::from_u128(2)));
        let parent = mint(1).first_refresh_token().unwrap();
        let successor = mint(1).successor(one, &parent);
        assert_eq!(mint(1).successor(one, &parent).hash(), successor.hash());
        assert_ne!(mint(1).successor(other, &parent).hash(), successor.hash());
        assert_ne!(mint(2).successor(one, &parent).hash(), successor.hash());
        assert_ne!(mint(1).successor(one, &successor).hash(), successor.hash());
        assert_ne!(parent.hash(), successor.hash());
    }

    #[test]
    fn first_tokens_differ_and_a_mail_token_belongs_to_its_job() {
        let mint = mint(1);
        assert_ne!(mint.first_refresh_token().unwrap().hash(), mint.first_refresh_token().unwrap().hash());
        let job = |n| JobId::from(uuid::Uuid::from_u128(n));
        assert_eq!(mint.for_mail(job(1)).hash(), mint.for_mail(job(1)).hash());
        assert_ne!(mint.for_mail(job(1)).hash(), mint.for_mail(job(2)).hash());
    }

    #[test]
    fn a_short_secret_is_refused() {
        assert!(TokenMint::new(&[1; 31], Arc::new(SystemRandomness)).is_err());
    }
}
