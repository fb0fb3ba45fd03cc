//! The providers of language models that are configured.

use crate::config::{AiSettings, Config, VertexSettings};
use crate::metrics::Metrics;
use crate::telemetry::gen_ai::GenAi;
use crate::wiring::{Models, NoKey};
use ::models::{
    Caller, Guarded, Unusable,
    openai::Dialect,
    providers::{AnthropicApi, ChatApi, GeminiApi},
};
use agents::{
    dispatch::{DispatchPolicy, Provider},
    ports::models::LanguageModel,
};
use kernel::{Cache, Clock, Locks};
use secrecy::SecretString;
use std::sync::Arc;
use vertex::{Access, Tokens, Vertex};
use web::{Breakers, RealTime};

pub(super) fn models(
    config: &Config,
    (cache, locks): (Arc<dyn Cache>, Option<Arc<dyn Locks>>),
    clock: &Arc<dyn Clock>,
    breakers: &Breakers,
    metrics: &Arc<Metrics>,
) -> anyhow::Result<Models> {
    let entrance = Entrance::new(&config.ai, clock, breakers)?;
    Ok(Models {
        watch: Arc::new(GenAi { metrics: metrics.clone(), sees_content: config.ai.shows_content }),
        catalogue: Arc::new(config.ai.catalogue.clone()),
        prices: Arc::new(config.ai.prices.clone()),
        providers: providers(&config.ai, clock, &entrance)?.into(),
        open: Arc::new(move |provider, key| entrance.enter(provider, key).map_err(|_| NoKey)),
        cache,
        locks,
        pause: Arc::new(RealTime),
        policy: policy(config),
    })
}

/// Whoever waits for an answer hears of it before the request is given up.
fn policy(config: &Config) -> DispatchPolicy {
    let usual = DispatchPolicy { cached: config.ai.cached, ..DispatchPolicy::USUAL };
    let patience = config.http.request_timeout * 9 / 10;
    DispatchPolicy { whole: usual.whole.min(patience), first_token: usual.first_token.min(patience), ..usual }
}

/// Those that are configured.
fn providers(
    ai: &AiSettings,
    clock: &Arc<dyn Clock>,
    entrance: &Entrance,
) -> anyhow::Result<Vec<Arc<dyn LanguageModel>>> {
    let mut all = Vec::new();
    if let Some(vertex) = &ai.vertex {
        all.push(entrance.vertex(access(vertex, clock, &entrance.breakers)?));
    }
    let apis = [
        (Provider::Gemini, &ai.gemini),
        (Provider::Anthropic, &ai.anthropic),
        (Provider::OpenAi, &ai.openai),
        (Provider::Mistral, &ai.mistral),
    ];
    for (provider, api) in apis {
        if let Some(key) = &api.key {
            all.push(entrance.enter(provider, key)?);
        }
    }
    if let Some(api) = &ai.compatible {
        all.push(entrance.chat(Dialect::Compatible, &api.base, api.key.as_ref())?);
    }
    Ok(all)
}

/// Where providers are entered with a key, the installation's or a lent one. Whoever's key it is, a provider that is down is down
/// for all: each of its models has one breaker.
struct Entrance {
    caller: Caller,
    breakers: Breakers,
    vertex: Option<String>,
    gemini: String,
    anthropic: String,
    openai: String,
    mistral: String,
}

impl Entrance {
    fn new(ai: &AiSettings, clock: &Arc<dyn Clock>, breakers: &Breakers) -> anyhow::Result<Self> {
        Ok(Self {
            caller: Caller::new(clock.clone())?,
            breakers: breakers.clone(),
            vertex: ai.vertex_base.clone(),
            gemini: ai.gemini.base.clone(),
            anthropic: ai.anthropic.base.clone(),
            openai: ai.openai.base.clone(),
            mistral: ai.mistral.base.clone(),
        })
    }

    fn enter(&self, provider: Provider, key: &SecretString) -> Result<Arc<dyn LanguageModel>, Unusable> {
        let caller = self.caller.clone();
        match provider {
            Provider::Vertex => Ok(self.vertex(Access::express(key)?)),
            Provider::Gemini => Ok(self.guarded(GeminiApi::new(caller, &self.gemini, key)?)),
            Provider::Anthropic => Ok(self.guarded(AnthropicApi::new(caller, &self.anthropic, key)?)),
            Provider::OpenAi => self.chat(Dialect::OpenAi, &self.openai, Some(key)),
            Provider::Mistral => self.chat(Dialect::Mistral, &self.mistral, Some(key)),
            Provider::Compatible => {
                Err(Unusable("a server of the installation's own takes no key".to_owned()))
            }
        }
    }

    fn vertex(&self, access: Access) -> Arc<dyn LanguageModel> {
        self.guarded(Vertex::new(self.caller.clone(), access, self.vertex.as_deref()))
    }

    fn chat(
        &self,
        dialect: Dialect,
        base: &str,
        key: Option<&SecretString>,
    ) -> Result<Arc<dyn LanguageModel>, Unusable> {
        Ok(self.guarded(ChatApi::new(self.caller.clone(), dialect, base, key)?))
    }

    fn guarded(&self, provider: impl LanguageModel + 'static) -> Arc<dyn LanguageModel> {
        Arc::new(Guarded::new(provider, self.breakers.clone()))
    }
}

fn access(vertex: &VertexSettings, clock: &Arc<dyn Clock>, breakers: &Breakers) -> anyhow::Result<Access> {
    Ok(match vertex {
        VertexSettings::Express(key) => Access::express(key)?,
        VertexSettings::Account { account, project, location } => {
            let tokens = Tokens::new((**account).clone(), clock.clone(), breakers)?;
            Access::account(Arc::new(tokens), project.clone(), location.clone())
        }
    })
}
