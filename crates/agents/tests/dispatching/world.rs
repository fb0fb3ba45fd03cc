//! A workspace, providers that answer as they are told, and the ledger of the memory store.

use crate::scripted::Scripted;
use agents::{
    dispatch::{
        Answer, Ask, BudgetMonth, CatalogueFile, DispatchPolicy, Message, ModelCall, ModelRequest, PriceFile,
        Provider, Refusal, Spending, Wanted,
    },
    ports::models::{
        Afterwards, BudgetLimits, CallWatch, Content, LanguageModel, ModelCallReader, ModelProviders,
        Providers, ResponseCache, Uncached,
    },
    services::Dispatcher,
};
use async_trait::async_trait;
use futures_util::future::BoxFuture;
use kernel::{
    CacheAway, CacheKey, CacheShelf, CallContext, Environment, Limit, NoRandomness, PageRequest, Pause,
    PicoUsd, Randomness, StoreResult, WorkspaceScope,
    testing::{ManualClock, environment, owner_of_new_workspace},
};
use memory::Store;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

pub(crate) struct World {
    pub(crate) store: Store,
    pub(crate) env: Environment,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) scope: WorkspaceScope,
    pub(crate) ctx: CallContext,
    pub(crate) around: Arc<Around>,
    pub(crate) vertex: Arc<Scripted>,
    pub(crate) openai: Arc<Scripted>,
    pub(crate) policy: DispatchPolicy,
}

/// What stands around a dispatcher: the limit, the cache, waits and what is left to do.
pub(crate) struct Around {
    clock: Arc<ManualClock>,
    pub(crate) limit: Mutex<Option<PicoUsd>>,
    pub(crate) waits: Mutex<Vec<Duration>>,
    pub(crate) seen: Mutex<Vec<(ModelCall, Option<Content>)>>,
    left: Mutex<Vec<BoxFuture<'static, ()>>>,
    kept: Mutex<HashMap<CacheKey, Arc<[u8]>>>,
}

impl World {
    pub(crate) fn new() -> Self {
        let (store, (env, clock)) = (Store::default(), environment());
        let (scope, ctx) = owner_of_new_workspace(&env);
        let around = Arc::new(Around {
            clock: clock.clone(),
            limit: Mutex::new(Some(PicoUsd::new(1_000_000_000_000))),
            waits: Mutex::default(),
            seen: Mutex::default(),
            left: Mutex::default(),
            kept: Mutex::default(),
        });
        let (vertex, openai) = (Scripted::new(Provider::Vertex), Scripted::new(Provider::OpenAi));
        Self { store, env, clock, scope, ctx, around, vertex, openai, policy: DispatchPolicy::USUAL }
    }

    pub(crate) fn dispatcher(&self) -> Dispatcher {
        self.with(vec![self.vertex.clone(), self.openai.clone()])
    }

    pub(crate) fn with(&self, providers: Vec<Arc<dyn LanguageModel>>) -> Dispatcher {
        Dispatcher {
            catalogue: Arc::new(CatalogueFile::shipped().unwrap()),
            prices: Arc::new(PriceFile::shipped().unwrap()),
            providers: Arc::new(Same(providers.into())),
            limits: self.around.clone(),
            ledger: Arc::new(self.store.clone()),
            uow: Arc::new(self.store.clone()),
            cache: self.around.clone(),
            afterwards: self.around.clone(),
            watch: self.around.clone(),
            pause: self.around.clone(),
            randomness: self.around.clone(),
            policy: self.policy,
            env: self.env.clone(),
        }
    }

    pub(crate) async fn ask(&self, ask: &Ask) -> Result<Answer, Refusal> {
        // Ids that are minted in one instant are in no order.
        self.clock.advance(Duration::from_millis(1));
        self.dispatcher().generate(&self.ctx, &self.scope, ask).await
    }

    /// Does what is left to do after callers went away.
    pub(crate) async fn afterwards(&self) {
        let left = std::mem::take(&mut *self.around.left.lock().unwrap());
        for rest in left {
            rest.await;
        }
    }

    /// Every row of the ledger, the newest first.
    pub(crate) async fn rows(&self) -> Vec<ModelCall> {
        let all = PageRequest { limit: Limit::new(100).unwrap(), after: None };
        let rows: Vec<ModelCall> = self.store.page(&self.scope, &all).await.unwrap().items;
        let spent = rows.iter().map(|row| row.cost.pico()).sum();
        assert_eq!(self.spending().await.spent, PicoUsd::new(spent), "the months are the sum of the rows");
        rows
    }

    pub(crate) async fn row(&self) -> ModelCall {
        let mut rows = self.rows().await;
        assert_eq!(rows.len(), 1, "{rows:?}");
        assert_eq!(self.spending().await.reserved, PicoUsd::ZERO, "nothing stays held");
        rows.remove(0)
    }

    pub(crate) async fn spending(&self) -> Spending {
        self.store.spending(&self.scope, BudgetMonth::of(self.env.now())).await.unwrap()
    }
}

/// A short question to an alias or a model.
pub(crate) fn ask(wanted: &str) -> Ask {
    Ask {
        wanted: Wanted::of(wanted),
        request: ModelRequest {
            messages: vec![Message::user("May I?")],
            max_output_tokens: Some(200),
            ..ModelRequest::default()
        },
        run: None,
        prompt_version: None,
        may_be_cached: true,
    }
}

/// Every workspace asks the same.
struct Same(Providers);

#[async_trait]
impl ModelProviders for Same {
    async fn of(&self, _: &WorkspaceScope) -> StoreResult<Providers> {
        Ok(self.0.clone())
    }
}

#[async_trait]
impl BudgetLimits for Around {
    async fn limit(&self, _: &WorkspaceScope) -> StoreResult<Option<PicoUsd>> {
        Ok(*self.limit.lock().unwrap())
    }
}

#[async_trait]
impl Pause for Around {
    async fn pause(&self, wait: Duration) {
        self.clock.advance(wait);
        self.waits.lock().unwrap().push(wait);
    }
}

impl Randomness for Around {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), NoRandomness> {
        buffer.fill(0);
        Ok(())
    }
}

impl CallWatch for Around {
    fn sees_content(&self) -> bool {
        true
    }

    fn ended(&self, _: &tracing::Span, call: &ModelCall, content: Option<&Content>) {
        self.seen.lock().unwrap().push((call.clone(), content.cloned()));
    }
}

impl Afterwards for Around {
    fn finish(&self, rest: BoxFuture<'static, ()>) {
        self.left.lock().unwrap().push(rest);
    }
}

#[async_trait]
impl ResponseCache for Around {
    async fn get<'m>(
        &'m self,
        key: CacheKey,
        _: Duration,
        make: BoxFuture<'m, Result<Vec<u8>, Uncached>>,
    ) -> Result<Arc<[u8]>, Uncached> {
        let kept = self.kept.lock().unwrap().get(&key).cloned();
        if let Some(kept) = kept {
            return Ok(kept);
        }
        let made: Arc<[u8]> = make.await?.into();
        self.kept.lock().unwrap().insert(key, made.clone());
        Ok(made)
    }

    async fn clear(&self, shelf: CacheShelf) -> Result<(), CacheAway> {
        self.kept.lock().unwrap().retain(|key, _| key.shelf() != shelf);
        Ok(())
    }
}
