//! Makes tokens.

use crate::{JobId, NoRandomness, Randomness, RawToken, TokenKind};
use hmac::{Hmac, KeyInit, Mac};
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

    /// A token of 256 random bits.
    ///
    /// # Errors
    /// [`NoRandomness`] when the operating system has none to give.
    pub fn random(&self, kind: TokenKind) -> Result<RawToken, NoRandomness> {
        let mut bits = [0; 32];
        self.randomness.fill(&mut bits)?;
        Ok(RawToken::new(kind, &bits))
    }

    /// The token of this kind that belongs to `origin`: the same one each time. `purpose` keeps the uses of one kind
    /// apart.
    #[must_use]
    pub fn derived(&self, kind: TokenKind, purpose: &str, origin: &[&[u8]]) -> RawToken {
        let mut mac = self.key.clone();
        mac.update(purpose.as_bytes());
        mac.update(&[0]);
        for part in origin {
            mac.update(part);
        }
        RawToken::new(kind, &mac.finalize().into_bytes().into())
    }

    /// The token of the mail that a job sends: the same one each time the job runs.
    #[must_use]
    pub fn for_mail(&self, kind: TokenKind, job: JobId) -> RawToken {
        self.derived(kind, "mail", &[job.uuid().as_bytes()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SystemRandomness;

    fn mint(secret: u8) -> TokenMint {
        TokenMint::new(&[secret; 32], Arc::new(SystemRandomness)).unwrap()
    }

    #[test]
    fn a_derived_token_is_the_same_each_time_and_nowhere_else() {
        let token = |secret, purpose, origin: &[&[u8]]| {
            mint(secret).derived(TokenKind::Refresh, purpose, origin).hash()
        };
        let first = token(1, "x", &[b"a", b"b"]);
        assert_eq!(token(1, "x", &[b"a", b"b"]), first);
        for other in
            [token(2, "x", &[b"a", b"b"]), token(1, "y", &[b"a", b"b"]), token(1, "x", &[b"a", b"c"])]
        {
            assert_ne!(other, first);
        }
        assert_ne!(mint(1).derived(TokenKind::Email, "x", &[b"a", b"b"]).hash(), first);
    }

    #[test]
    fn random_tokens_differ_and_a_mail_token_belongs_to_its_job() {
        let mint = mint(1);
        let random = || mint.random(TokenKind::Refresh).unwrap().hash();
        assert_ne!(random(), random());
        let token = |n| mint.for_mail(TokenKind::Email, JobId::from(uuid::Uuid::from_u128(n))).hash();
        assert_eq!(token(1), token(1));
        assert_ne!(token(1), token(2));
    }

    #[test]
    fn a_short_secret_is_refused() {
        assert!(TokenMint::new(&[1; 31], Arc::new(SystemRandomness)).is_err());
    }
}
