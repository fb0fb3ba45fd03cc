use super::{
    Adapters, OpenProvider, Store,
    lent::{AsKeys, LentKeys},
    remembered::RememberedBudgets,
    services::secrets,
};
use agents::{
    dispatch::{CatalogueFile, DispatchPolicy, PriceFile},
    ports::models::{
        Afterwards, BudgetLimits, CallWatch, ModelProviders, Providers, ResponseCache, Uncached,
    },
    services::{Dispatcher, ProviderKeyService, UsageService},
};
use async_trait::async_trait;
use futures_util::future::BoxFuture;
use kernel::{Cache, CacheAway, CacheKey, CacheShelf, Locks, Pause, PicoUsd, StoreResult, WorkspaceScope};
use local::Flights;
use std::{sync::Arc, time::Duration};
use tokio::runtime::Handle;
use workspace::{effective, ports::BudgetReader};

/// What is needed to ask language models.
#[derive(Clone)]
pub struct Models {
    /// The models and aliases.
    pub catalogue: Arc<CatalogueFile>,
    /// What they cost.
    pub prices: Arc<PriceFile>,
    /// Those that are configured.
    pub providers: Providers,
    /// Makes those whose keys are lent.
    pub open: Arc<OpenProvider>,
    /// Keeps answers.
    pub cache: Arc<dyn Cache>,
    /// Keep processes that share the cache from having the same answer made at once.
    pub locks: Option<Arc<dyn Locks>>,
    /// Sees how calls end.
    pub watch: Arc<dyn CallWatch>,
    /// Waits between attempts.
    pub pause: Arc<dyn Pause>,
    /// How stubbornly they are asked.
    pub policy: DispatchPolicy,
}

/// Asking language models, and what they cost.
#[derive(Clone)]
#[expect(missing_docs, reason = "each field is what its type names")]
pub struct Ai {
    pub dispatcher: Dispatcher,
    pub usage: UsageService,
    pub provider_keys: ProviderKeyService,
    /// Those whom the installation's keys enter.
    pub installation: Providers,
}

pub(super) fn ai<S: Store>(store: &Arc<S>, adapters: &Adapters) -> Ai {
    let Models { open, providers, .. } = &adapters.models;
    let secrets = secrets(store, adapters);
    let parts = (open.clone(), providers.clone());
    let standings = adapters.standings.clone();
    let lent = LentKeys::new(store.clone(), store.clone(), secrets.clone(), parts, standings);
    let dispatcher = dispatcher(store, adapters, Arc::new(lent));
    let (limits, env) = (dispatcher.limits.clone(), adapters.env.clone());
    let usage = UsageService { calls: store.clone(), limits, env: env.clone() };
    let provider_keys = ProviderKeyService {
        uow: store.clone(),
        keys: store.clone(),
        secrets: Arc::new(AsKeys { secrets, open: open.clone() }),
        providers: dispatcher.providers.clone(),
        env,
    };
    Ai { dispatcher, usage, provider_keys, installation: providers.clone() }
}

fn dispatcher<S: Store>(
    store: &Arc<S>,
    adapters: &Adapters,
    providers: Arc<dyn ModelProviders>,
) -> Dispatcher {
    let models = &adapters.models;
    Dispatcher {
        catalogue: models.catalogue.clone(),
        prices: models.prices.clone(),
        providers,
        limits: Arc::new(OwnerOrInstallation {
            budgets: Arc::new(RememberedBudgets::new(store.clone(), adapters.standings.clone())),
            installation: adapters.monthly_budget,
        }),
        ledger: store.clone(),
        uow: store.clone(),
        cache: Arc::new(Answers::of(models)),
        afterwards: Arc::new(OnThisRuntime),
        watch: models.watch.clone(),
        pause: models.pause.clone(),
        randomness: adapters.randomness.clone(),
        policy: models.policy,
        env: adapters.env.clone(),
    }
}

/// The smaller of what the owner set and what the installation allows.
struct OwnerOrInstallation {
    budgets: Arc<dyn BudgetReader>,
    installation: Option<PicoUsd>,
}

#[async_trait]
impl BudgetLimits for OwnerOrInstallation {
    async fn limit(&self, scope: &WorkspaceScope) -> StoreResult<Option<PicoUsd>> {
        let owner = self.budgets.find(scope).await?.limit;
        Ok(effective([owner, self.installation]))
    }
}

/// Answers in the cache, each made once for all who ask at once.
struct Answers {
    cache: Arc<dyn Cache>,
    flights: Flights<Uncached>,
}

impl Answers {
    fn of(models: &Models) -> Self {
        let flights = Flights::new(models.cache.clone());
        let flights = match &models.locks {
            // Who has waited in vain for another process has as much time left to have the answer made.
            Some(locks) => flights.across(locks.clone(), models.policy.whole / 2),
            None => flights,
        };
        Self { cache: models.cache.clone(), flights }
    }
}

#[async_trait]
impl ResponseCache for Answers {
    async fn get<'m>(
        &'m self,
        key: CacheKey,
        stays: Duration,
        make: BoxFuture<'m, Result<Vec<u8>, Uncached>>,
    ) -> Result<Arc<[u8]>, Uncached> {
        self.flights.get(key, stays, || make).await
    }

    async fn clear(&self, shelf: CacheShelf) -> Result<(), CacheAway> {
        self.cache.clear(shelf).await
    }
}

/// In a task of its own. Without a runtime the process is ending: the lease of what was held ends by itself.
struct OnThisRuntime;

impl Afterwards for OnThisRuntime {
    fn finish(&self, rest: BoxFuture<'static, ()>) {
        match Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn(rest)),
            Err(_) => tracing::warn!("a call that was left is not settled: the process ends"),
        }
    }
}
