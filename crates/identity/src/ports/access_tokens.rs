//! What signs and checks access tokens.

use kernel::{SessionId, Timestamp, UserId};
use secrecy::SecretString;
use std::time::Duration;

/// What an access token says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccessClaims {
    /// Whose it is.
    pub user: UserId,
    /// The session that it lives and dies with.
    pub session: SessionId,
    /// When it is too late.
    pub expires_at: Timestamp,
}

/// A signed access token.
#[derive(Debug, Clone)]
pub struct AccessToken {
    /// The text.
    pub token: SecretString,
    /// How long it works.
    pub expires_in: Duration,
}

/// Why an access token was neither made nor accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AccessTokenError {
    /// The token is not one of ours, or too old; the text is for logs and never repeats the token.
    #[error("the access token is not acceptable: {0}")]
    Invalid(String),
    /// Signing failed.
    #[error("the access token could not be signed: {0}")]
    Failed(String),
}

/// A public key of Ed25519 by which anybody can check access tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedKey {
    /// What tokens call it: their `kid`.
    pub id: String,
    /// The key.
    pub ed25519: [u8; 32],
}

/// Signs and checks access tokens. Cheap and without I/O, hence not async.
pub trait AccessTokens: Send + Sync {
    /// A token for this user's session.
    ///
    /// # Errors
    /// [`AccessTokenError::Failed`].
    fn issue(&self, user: UserId, session: SessionId) -> Result<AccessToken, AccessTokenError>;
    /// What the token says. MUST refuse, before parsing, a text of more than 4,096 bytes; MUST accept one algorithm
    /// only, under keys that it knows beforehand, and nothing that [`Self::issue`] would not have made.
    ///
    /// # Errors
    /// [`AccessTokenError::Invalid`].
    fn verify(&self, token: &str) -> Result<AccessClaims, AccessTokenError>;
    /// The public keys under which tokens are accepted now, in the order of their ids. None when a secret signs.
    fn published_keys(&self) -> Vec<PublishedKey> {
        Vec::new()
    }
}
