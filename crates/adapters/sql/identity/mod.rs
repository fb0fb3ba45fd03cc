//! People, their sessions and their tokens.

mod directory;
mod email_tokens;
mod external;
mod people;
mod personal_data;
mod refresh_tokens;
mod sealed;
mod second_factor;
mod secrets;
mod sessions;
mod traces;
mod users;

use super::{Store, SystemUnit};
use async_trait::async_trait;
use identity::ports::{
    EmailTokens, ExternalIdentities, FactorRepository, IdentityTx, MfaChallenges, PeopleRepository,
    PersonalDataRepository, RecoveryCodes, RefreshTokens, Reseal, SecretRepository, SessionRepository,
    UserRepository,
};
use kernel::{StoreError, StoreResult, SystemScope, TokenHash, UnitOfWork, Work};

impl IdentityTx for SystemUnit {
    fn users(&mut self) -> &mut dyn UserRepository {
        self
    }

    fn sessions(&mut self) -> &mut dyn SessionRepository {
        self
    }

    fn refresh_tokens(&mut self) -> &mut dyn RefreshTokens {
        self
    }

    fn email_tokens(&mut self) -> &mut dyn EmailTokens {
        self
    }

    fn factors(&mut self) -> &mut dyn FactorRepository {
        self
    }

    fn recovery_codes(&mut self) -> &mut dyn RecoveryCodes {
        self
    }

    fn challenges(&mut self) -> &mut dyn MfaChallenges {
        self
    }

    fn secrets(&mut self) -> &mut dyn SecretRepository {
        self
    }

    fn seals(&mut self) -> &mut dyn Reseal {
        self
    }

    fn people(&mut self) -> &mut dyn PeopleRepository {
        self
    }

    fn personal_data(&mut self) -> &mut dyn PersonalDataRepository {
        self
    }

    fn external_identities(&mut self) -> &mut dyn ExternalIdentities {
        self
    }
}

#[async_trait]
impl UnitOfWork<dyn IdentityTx, SystemScope> for Store {
    async fn run_erased(&self, scope: &SystemScope, work: &mut dyn Work<dyn IdentityTx>) -> StoreResult<()> {
        self.run_unit(scope, work, |unit| unit).await
    }
}

fn token_hash(column: &str, bytes: Vec<u8>) -> StoreResult<TokenHash> {
    let bytes = bytes.try_into().map_err(|_| StoreError::Corrupt(format!("{column} has not 32 bytes")))?;
    Ok(TokenHash::from_bytes(bytes))
}
