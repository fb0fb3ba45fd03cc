//! People's own secrets: keys for the services of others.

use crate::{
    IdentityError, SecretEntry, SecretName, SecretValue, UserSecret,
    error::IdentityResult,
    events,
    ports::{IdentityUow, UserSecrets},
};
use kernel::{CallContext, Cipher, Environment, SystemScope, UserId, UserScope, field::Checker};
use secrecy::{SecretSlice, SecretString};
use std::sync::Arc;

/// Secrets are written together with the facts of their owner's trail, which only the system role writes.
const SCOPE: SystemScope = SystemScope::for_authentication();

/// What a person keeps here for later use, and nobody is shown.
#[derive(Clone)]
pub struct SecretService {
    /// Writes them.
    pub uow: Arc<IdentityUow>,
    /// Reads them.
    pub secrets: Arc<dyn UserSecrets>,
    /// Seals and opens them.
    pub cipher: Arc<dyn Cipher>,
    /// Clock and ids.
    pub env: Environment,
}

impl SecretService {
    /// The names of the person's secrets, in their order.
    ///
    /// # Errors
    /// The store's.
    pub async fn list(&self, scope: &UserScope) -> IdentityResult<Vec<SecretEntry>> {
        Ok(self.secrets.list(scope).await?)
    }

    /// Sets a secret, whether there is one of this name or not.
    ///
    /// # Errors
    /// [`IdentityError::Invalid`], [`IdentityError::TooManySecrets`], [`IdentityError::Crypto`], or the store's.
    pub async fn set(
        &self,
        ctx: &CallContext,
        scope: &UserScope,
        (name, value): (&str, &SecretString),
    ) -> IdentityResult<()> {
        let mut check = Checker::default();
        let name = check.field("name", SecretName::parse(name));
        let value = check.field("/value", SecretValue::parse(value));
        let (name, value) = check.finish_with(name.zip(value))?;
        let (user, now) = (scope.user(), self.env.now());
        let sealed = self.cipher.seal(value.as_bytes(), &UserSecret::place(user, &name))?;
        let secret = UserSecret { user_id: user, name, sealed, created_at: now, updated_at: now };
        let work = self.uow.run(&SCOPE, async |tx| {
            // Holds the person, so that parallel calls don't each see room for the last secret.
            tx.users().find(user).await?.ok_or(IdentityError::Unauthenticated)?;
            if tx.secrets().count_others(user, &secret.name).await? >= UserSecret::MOST {
                return Err(IdentityError::TooManySecrets);
            }
            tx.secrets().put(&secret).await?;
            tx.events().append(events::secret_set(&self.env, ctx, user, &secret.name)).await?;
            Ok(())
        });
        work.await
    }

    /// Removes a secret.
    ///
    /// # Errors
    /// [`IdentityError::NotFound`], or the store's.
    pub async fn remove(&self, ctx: &CallContext, scope: &UserScope, name: &str) -> IdentityResult<()> {
        let user = scope.user();
        let name = SecretName::parse(name).map_err(|_| IdentityError::NotFound)?;
        let work = self.uow.run(&SCOPE, async |tx| {
            if !tx.secrets().remove(user, &name).await? {
                return Err(IdentityError::NotFound);
            }
            tx.events().append(events::secret_removed(&self.env, ctx, user, &name)).await?;
            Ok(())
        });
        work.await
    }

    /// The secret that a person has lent to others, which their workspace knows by this name; `None` when it is there no
    /// longer.
    ///
    /// # Errors
    /// As [`reveal`](Self::reveal).
    pub async fn reveal_lent(&self, lender: UserId, name: &str) -> IdentityResult<Option<SecretSlice<u8>>> {
        match SecretName::parse(name) {
            Ok(name) => self.reveal(&UserScope::for_loan(lender), &name).await,
            Err(_) => Ok(None),
        }
    }

    /// The secret itself, for using it on its owner's behalf; `None` when there is none of this name. It goes to no
    /// answer, log, event or job.
    ///
    /// # Errors
    /// [`IdentityError::Crypto`] when it does not open, or the store's.
    pub async fn reveal(
        &self,
        scope: &UserScope,
        name: &SecretName,
    ) -> IdentityResult<Option<SecretSlice<u8>>> {
        let Some(secret) = self.secrets.find(scope, name).await? else { return Ok(None) };
        Ok(Some(self.cipher.open(&secret.sealed, &UserSecret::place(scope.user(), name))?))
    }
}
