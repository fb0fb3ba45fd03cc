//! The second factor: an authenticator app, and recovery codes for who has lost it.

mod challenge;
mod confirm;
mod enrol;
mod recovery_codes;
mod remove;

pub use challenge::Proof;
pub use enrol::Enrolment;

use crate::{
    IdentityError, MfaFactor, RecoveryCode, TotpSecret,
    error::IdentityResult,
    ports::{AccessTokens, FactorReader, IdentityUow, UserReader},
};
use kernel::{
    Cipher, Environment, Randomness, StoreResult, SystemScope, TokenHash, TokenMint, UserId, UserScope,
};
use secrecy::SecretString;
use std::sync::Arc;

/// Factors, codes and challenges are written before and after it is known who calls, as sessions are.
const SCOPE: SystemScope = SystemScope::for_authentication();

/// What a person proves beside their password.
#[derive(Clone)]
pub struct SecondFactorService {
    /// Factors, recovery codes, challenges, and the sessions that come of them.
    pub uow: Arc<IdentityUow>,
    /// Who has come in.
    pub users: Arc<dyn UserReader>,
    /// Who has a factor.
    pub factors: Arc<dyn FactorReader>,
    /// Seals the authenticators' secrets.
    pub cipher: Arc<dyn Cipher>,
    /// Issues access tokens.
    pub access: Arc<dyn AccessTokens>,
    /// Makes refresh tokens.
    pub mint: TokenMint,
    /// Makes secrets and recovery codes.
    pub randomness: Arc<dyn Randomness>,
    /// Clock and ids.
    pub env: Environment,
}

impl SecondFactorService {
    /// Whether the person's logins take a second factor.
    ///
    /// # Errors
    /// The store's.
    pub async fn is_enrolled(&self, scope: &UserScope) -> IdentityResult<bool> {
        Ok(self.has_factor(scope.user()).await?)
    }

    pub(super) async fn has_factor(&self, user: UserId) -> StoreResult<bool> {
        self.factors.is_enrolled(&SCOPE, user).await
    }

    fn secret_of(&self, factor: &MfaFactor) -> IdentityResult<TotpSecret> {
        let bytes = self.cipher.open(&factor.secret, &MfaFactor::place(factor.user_id, factor.id))?;
        TotpSecret::from_bytes(bytes).ok_or_else(|| IdentityError::Crypto("a factor is no secret".to_owned()))
    }

    fn fresh_codes(&self) -> IdentityResult<FreshCodes> {
        let codes = (0..RecoveryCode::COUNT).map(|_| RecoveryCode::generate(&*self.randomness));
        Ok(FreshCodes(codes.collect::<Result<_, _>>()?))
    }
}

/// Recovery codes before they are stored.
struct FreshCodes(Vec<RecoveryCode>);

impl FreshCodes {
    fn hashes(&self) -> Vec<TokenHash> {
        self.0.iter().map(RecoveryCode::hash).collect()
    }

    /// For the owner, who sees them this once.
    fn texts(&self) -> Vec<SecretString> {
        self.0.iter().map(|code| code.secret().clone()).collect()
    }
}
