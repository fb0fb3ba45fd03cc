//! Keys of people's own, by which a workspace asks providers.

use crate::{
    Error, Result,
    dispatch::{Provider, ProviderKey},
    events,
    ports::{
        AgentUow,
        models::{ModelProviders, OwnSecrets, ProviderKeyReader},
    },
};
use kernel::{
    Area, CallContext, Denied, Environment, FieldErrors, Role, Timestamp, UserId, UserScope, WorkspaceScope,
};
use std::sync::Arc;

/// Lends workspaces keys of providers. Who pays the providers is the owner's to say.
#[derive(Clone)]
#[expect(missing_docs, reason = "the fields are the ports, by their types' names")]
pub struct ProviderKeyService {
    pub uow: Arc<AgentUow>,
    pub keys: Arc<dyn ProviderKeyReader>,
    pub secrets: Arc<dyn OwnSecrets>,
    pub providers: Arc<dyn ModelProviders>,
    pub env: Environment,
}

/// A provider, as a workspace has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderView {
    /// Which.
    pub provider: Provider,
    /// Whether the workspace can ask it.
    pub is_configured: bool,
    /// The key that was lent for it; `None` while the installation's counts.
    pub key: Option<KeyView>,
}

/// A key that a workspace was lent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyView {
    /// Whose it is.
    pub lent_by: UserId,
    /// Since when.
    pub lent_at: Timestamp,
}

impl ProviderKeyService {
    /// Each provider, and whose key it is asked with.
    ///
    /// # Errors
    /// The role is too low, or the store's.
    pub async fn list(&self, scope: &WorkspaceScope) -> Result<Vec<ProviderView>> {
        scope.require(Area::Ai.read())?;
        let lent = self.keys.list(scope).await?;
        let asked = self.providers.of(scope).await?;
        let view = |provider| ProviderView {
            provider,
            is_configured: asked.iter().any(|known| known.provider() == provider),
            key: lent
                .iter()
                .find(|key| key.provider == provider)
                .map(|key| KeyView { lent_by: key.lent_by, lent_at: key.lent_at }),
        };
        Ok(Provider::ALL.map(view).into())
    }

    /// Lends the workspace the caller's own secret of this name as the provider's key, in the place of another one.
    ///
    /// # Errors
    /// [`Error::Denied`] below owner and for keys; [`Error::NotFound`] for a name of no provider that takes keys;
    /// [`Error::Invalid`] for a secret that is not there or can't be a key; the store's.
    pub async fn lend(
        &self,
        ctx: &CallContext,
        scope: &WorkspaceScope,
        provider: &str,
        secret: &str,
    ) -> Result<()> {
        let needs = Area::Ai.write().by(Role::Owner);
        scope.require(needs)?;
        let owner = UserScope::of(ctx).ok_or(Denied::Role(needs.role))?;
        let provider = named(provider)?;
        if let Some(flaw) = self.secrets.flaw(&owner, provider, secret).await? {
            return Err(FieldErrors::one("/secret", flaw).into());
        }
        let key = ProviderKey {
            workspace_id: scope.workspace(),
            provider,
            lent_by: owner.user(),
            secret: secret.to_owned(),
            lent_at: self.env.now(),
        };
        let told = self.told(ctx, scope, events::PROVIDER_KEY_LENT, provider);
        let work = self.uow.run(scope, async |tx| {
            tx.provider_keys().put(&key).await?;
            tx.events().append(told).await?;
            Ok(())
        });
        work.await
    }

    /// Ends the loan: the provider is asked with the installation's key again, if there is one.
    ///
    /// # Errors
    /// [`Error::Denied`] below owner and for keys; [`Error::NotFound`] when none was lent; the store's.
    pub async fn withdraw(&self, ctx: &CallContext, scope: &WorkspaceScope, provider: &str) -> Result<()> {
        scope.require(Area::Ai.write().by(Role::Owner))?;
        let provider = named(provider)?;
        let told = self.told(ctx, scope, events::PROVIDER_KEY_WITHDRAWN, provider);
        let work = self.uow.run(scope, async |tx| {
            if !tx.provider_keys().remove(provider).await? {
                return Err(Error::NotFound);
            }
            tx.events().append(told).await?;
            Ok(())
        });
        work.await
    }

    fn told(
        &self,
        ctx: &CallContext,
        scope: &WorkspaceScope,
        event_type: &'static str,
        provider: Provider,
    ) -> kernel::NewEvent {
        events::of_provider_key(&self.env, ctx, event_type, scope.workspace(), provider)
    }
}

fn named(provider: &str) -> Result<Provider> {
    Provider::from_name(provider).filter(|provider| provider.takes_keys()).ok_or(Error::NotFound)
}
