//! The providers of language models that are configured.

use crate::config::{AiSettings, Config, VertexSettings};
use crate::metrics::Metrics;
use crate::telemetry::gen_ai::GenAi;
use crate::wiring::Models;
use ::models::{
    Caller, Guarded,
    providers::{AnthropicApi, ChatApi, GeminiApi},
};
use agents::{dispatch::DispatchPolicy, ports::models::LanguageModel};
use kernel::{Cache, Clock};
use std::sync::Arc;
use vertex::{Access, Tokens, Vertex};
use web::{Breakers, RealTime};

pub(super) fn models(
    config: &Config,
    cache: Arc<dyn Cache>,
    clock: &Arc<dyn Clock>,
    breakers: &Breakers,
    metrics: &Arc<Metrics>,
) -> anyhow::Result<Models> {
    Ok(Models {
        watch: Arc::new(GenAi { metrics: metrics.clone(), sees_content: config.ai.shows_content }),
        catalogue: Arc::new(config.ai.catalogue.clone()),
        prices: Arc::new(config.ai.prices.clone()),
        providers: providers(&config.ai, clock, breakers)?.into(),
        cache,
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

/// Each with a breaker a model, and connections of its own.
fn providers(
    ai: &AiSettings,
    clock: &Arc<dyn Clock>,
    breakers: &Breakers,
) -> anyhow::Result<Vec<Arc<dyn LanguageModel>>> {
    let caller = || Caller::new(clock.clone());
    let mut all: Vec<Arc<dyn LanguageModel>> = Vec::new();
    if let Some(vertex) = &ai.vertex {
        let access = access(vertex, clock, breakers)?;
        let vertex = Vertex::new(caller()?, access, ai.vertex_base.as_deref());
        all.push(Arc::new(Guarded::new(vertex, breakers.clone())));
    }
    if let Some((api, key)) = ai.gemini.as_ref().and_then(|api| Some((api, api.key.as_ref()?))) {
        let gemini = GeminiApi::new(caller()?, &api.base, key)?;
        all.push(Arc::new(Guarded::new(gemini, breakers.clone())));
    }
    if let Some((api, key)) = ai.anthropic.as_ref().and_then(|api| Some((api, api.key.as_ref()?))) {
        let anthropic = AnthropicApi::new(caller()?, &api.base, key)?;
        all.push(Arc::new(Guarded::new(anthropic, breakers.clone())));
    }
    for (dialect, api) in &ai.chat {
        let chat = ChatApi::new(caller()?, *dialect, &api.base, api.key.as_ref())?;
        all.push(Arc::new(Guarded::new(chat, breakers.clone())));
    }
    Ok(all)
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
