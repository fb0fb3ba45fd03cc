//! What checks passwords and access tokens.

use crate::{PasswordAttempt, PasswordHash};
use async_trait::async_trait;
use kernel::{SessionId, Timestamp, UserId};
use secrecy::SecretString;
use std::time::Duration;

/// Why a password was neither hashed nor checked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HashError {
    /// No room within the bounded wait.
    #[error("too many passwords are being hashed")]
    Overloaded,
    /// The stored hash is unreadable or the machine failed.
    #[error("{0}")]
    Failed(String),
}

/// What checking a password told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordCheck {
    /// It is another password.
    Wrong,
    /// It is the password.
    Verified {
        /// The stored hash was made with other parameters than today's.
        rehash: bool,
    },
}

/// Hashes and checks passwords, so slowly that guessing does not pay.
#[async_trait]
pub trait PasswordHasher: Send + Sync {
    /// A salted hash as a PHC string. MUST bound how many run at once, count one as running until the machine is
    /// done with it (not until its caller is), and answer [`HashError::Overloaded`] after a bounded wait.
    async fn hash(&self, password: &PasswordAttempt) -> Result<PasswordHash, HashError>;
    /// Whether the password made the hash. Without a hash (nobody has this address) MUST do the same work against a
    /// fixed one of today's parameters, in the same bounded pool, and answer [`PasswordCheck::Wrong`].
    async fn verify(
        &self,
        password: &PasswordAttempt,
        hash: Option<&PasswordHash>,
    ) -> Result<PasswordCheck, HashError>;
}

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
