//! Where sealed secrets are, for rotating keys.

use super::{MfaFactor, SecretName, UserSecret};
use kernel::{FactorId, Sealed, UserId};

/// A row that holds something sealed. Ordered: factors by id, then people's own secrets by owner and name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum SealedAt {
    /// An authenticator's secret.
    Factor(FactorId, UserId),
    /// A secret of somebody's own.
    Secret(UserId, SecretName),
}

impl SealedAt {
    /// What the secret there is bound to.
    #[must_use]
    pub fn place(&self) -> String {
        match self {
            Self::Factor(id, user) => MfaFactor::place(*user, *id),
            Self::Secret(user, name) => UserSecret::place(*user, name),
        }
    }
}

/// A row with what is sealed in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedEntry {
    /// Which row.
    pub at: SealedAt,
    /// What is in it.
    pub sealed: Sealed,
}
