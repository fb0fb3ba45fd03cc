//! What is needed to let people in by another service's word.

use crate::{ExternalClaims, ExternalIdentity, ExternalSubject, UserStatus};
use async_trait::async_trait;
use kernel::{StoreResult, SystemScope, UserId};

/// Why another service's token was not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExternalTokenError {
    /// It is none of that service's, too old, or of somebody whose address it has not verified; the text is for logs and
    /// never repeats the token.
    #[error("the token of another service is not acceptable: {0}")]
    Invalid(String),
    /// It could not be judged, as the service's keys could not be read.
    #[error("the keys of another service can't be read")]
    Unavailable,
}

/// Checks the tokens of one other service.
#[async_trait]
pub trait ExternalTokens: Send + Sync {
    /// What the service vouches for. MUST accept tokens that this service issued to be used here and nothing else, MUST
    /// have each key verify one algorithm, and MUST NOT ask anybody whom a token names. MUST answer
    /// [`ExternalTokenError::Invalid`] for somebody without a verified address.
    async fn verify(&self, token: &str) -> Result<ExternalClaims, ExternalTokenError>;
}

/// Who is who at other services, inside a unit of work.
#[async_trait]
pub trait ExternalIdentities: Send {
    /// The account of this subject.
    async fn find(&mut self, subject: &ExternalSubject) -> StoreResult<Option<ExternalIdentity>>;
    /// Adds one. MUST answer [`StoreError::Conflict`](kernel::StoreError::Conflict) when the subject has an account.
    async fn insert(&mut self, identity: &ExternalIdentity) -> StoreResult<()>;
}

/// The account of somebody at another service, and whether they may come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExternalStanding {
    /// Whose account it is.
    pub user: UserId,
    /// Whether they may still come in.
    pub status: UserStatus,
}

/// Reads them on each request, so: one round trip.
#[async_trait]
pub trait ExternalIdentityReader: Send + Sync {
    /// The account of this subject with its status, whatever it is.
    async fn find_standing(
        &self,
        scope: &SystemScope,
        subject: &ExternalSubject,
    ) -> StoreResult<Option<ExternalStanding>>;
}
