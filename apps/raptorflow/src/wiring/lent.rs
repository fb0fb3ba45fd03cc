//! Whom workspaces ask: providers with the installation's keys, and with those that members have lent.

use agents::{
    Error,
    dispatch::{Provider, ProviderKey},
    ports::models::{LanguageModel, ModelProviders, OwnSecrets, ProviderKeyReader, Providers},
};
use async_trait::async_trait;
use identity::{IdentityError, SecretName, services::SecretService};
use kernel::{
    ForeignFailure, Memberships, StoreError, StoreResult, UserId, UserScope, Violation, WorkspaceId,
    WorkspaceScope,
};
use local::{Remembered, Standings};
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use std::sync::Arc;

/// So many workspaces' providers are remembered at most.
const MOST: usize = 10_000;

/// The key is none of this provider's: it has characters that no key has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoKey;

/// Makes a provider that is entered with somebody's own key; nobody is asked yet.
pub type OpenProvider =
    dyn Fn(Provider, &SecretString) -> Result<Arc<dyn LanguageModel>, NoKey> + Send + Sync;

/// Each workspace's providers, remembered until something changes about the workspace or those who have lent it keys.
pub(super) struct LentKeys {
    keys: Arc<dyn ProviderKeyReader>,
    members: Arc<dyn Memberships>,
    secrets: SecretService,
    open: Arc<OpenProvider>,
    installation: Providers,
    read: Remembered<WorkspaceId, Known>,
}

#[derive(Clone)]
struct Known {
    providers: Providers,
    lenders: Arc<[UserId]>,
}

impl LentKeys {
    pub(super) fn new(
        keys: Arc<dyn ProviderKeyReader>,
        members: Arc<dyn Memberships>,
        secrets: SecretService,
        (open, installation): (Arc<OpenProvider>, Providers),
        standings: Arc<Standings>,
    ) -> Self {
        Self { keys, members, secrets, open, installation, read: Remembered::new(standings, MOST) }
    }

    async fn known(&self, scope: &WorkspaceScope) -> StoreResult<Known> {
        let lent = self.keys.list(scope).await?;
        if lent.is_empty() {
            return Ok(Known { providers: self.installation.clone(), lenders: Arc::new([]) });
        }
        let is_lent = |provider| lent.iter().any(|key| key.provider == provider);
        let others = self.installation.iter().filter(|known| !is_lent(known.provider()));
        let mut providers: Vec<_> = others.cloned().collect();
        for key in &lent {
            providers.extend(self.entered(key).await?);
        }
        let lenders = lent.iter().map(|key| key.lent_by).collect();
        Ok(Known { providers: providers.into(), lenders })
    }

    /// The provider, entered with the lent key; `None` while that can't be used.
    async fn entered(&self, key: &ProviderKey) -> StoreResult<Option<Arc<dyn LanguageModel>>> {
        if self.members.role_of(key.lent_by, key.workspace_id).await?.is_none() {
            return Ok(None);
        }
        let secret = match self.secrets.reveal_lent(key.lent_by, &key.secret).await {
            Ok(secret) => secret,
            Err(IdentityError::Store(error)) => return Err(error),
            Err(error) => {
                tracing::error!(%error, workspace.id = %key.workspace_id, "a lent key of a provider does not open");
                None
            }
        };
        Ok(secret.and_then(text).and_then(|secret| (self.open)(key.provider, &secret).ok()))
    }
}

/// What people set is text.
fn text(secret: SecretSlice<u8>) -> Option<SecretString> {
    std::str::from_utf8(secret.expose_secret()).ok().map(SecretString::from)
}

#[async_trait]
impl ModelProviders for LentKeys {
    async fn of(&self, scope: &WorkspaceScope) -> StoreResult<Providers> {
        let workspace = scope.workspace();
        let about = |known: &Known| {
            let lenders = known.lenders.iter().map(|lender| lender.uuid());
            lenders.chain([workspace.uuid()]).collect()
        };
        let find = async { self.known(scope).await.map(Some) };
        let known = self.read.find::<StoreError>(workspace, about, find).await?;
        Ok(known.map_or_else(|| self.installation.clone(), |known| known.providers))
    }
}

/// People's own secrets, as keys of providers.
pub(super) struct AsKeys {
    pub(super) secrets: SecretService,
    pub(super) open: Arc<OpenProvider>,
}

#[async_trait]
impl OwnSecrets for AsKeys {
    async fn flaw(
        &self,
        owner: &UserScope,
        provider: Provider,
        name: &str,
    ) -> agents::Result<Option<Violation>> {
        let name = match SecretName::parse(name) {
            Ok(name) => name,
            Err(flaw) => return Ok(Some(flaw)),
        };
        let secret = self.secrets.reveal(owner, &name).await;
        let Some(secret) = secret.map_err(|error| Error::Elsewhere(ForeignFailure::new(error)))? else {
            return Ok(Some(Violation::new("unknown_secret", "must be the name of one of your own secrets")));
        };
        let opened = text(secret).map(|secret| (self.open)(provider, &secret));
        let why = "must name a secret that can be a key: without blanks and control characters";
        Ok((!matches!(opened, Some(Ok(_)))).then(|| Violation::new("invalid_format", why)))
    }
}
