//! The product with OpenAI's API, which a fake plays.

use crate::fixture::{Edges, Fixture, Home, no_models};
use ::models::{Caller, Guarded, openai::Dialect, providers::ChatApi};
use agents::{dispatch::Provider, ports::models::LanguageModel};
use fakes::Fake;
use kernel::SystemRandomness;
use raptorflow::{
    http::live::StreamLimits,
    wiring::{Models, NoKey},
};
use reqwest::{Method, Response};
use secrecy::SecretString;
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};
use web::Breakers;

pub(crate) struct World {
    pub(crate) fake: Fake,
    pub(crate) product: Fixture,
    pub(crate) me: Home,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(StreamLimits::default()).await
    }

    pub(crate) async fn with(streams: StreamLimits) -> Self {
        Self::met(Edges { streams, ..Edges::default() }).await
    }

    /// Where people have accounts, and what belongs to one.
    pub(crate) async fn of_people() -> Self {
        Self::met(Edges { has_real_logins: true, ..Edges::default() }).await
    }

    async fn met(edges: Edges) -> Self {
        let fake = Fake::start().await;
        let base = format!("{}/v1", fake.url());
        let models = Box::new(move |env: &kernel::Environment| {
            let usual = no_models(env);
            let breakers = Breakers::new(env.clock.clone(), Arc::new(SystemRandomness));
            let caller = Caller::new(env.clock.clone()).unwrap();
            let open = move |_, key: &SecretString| -> Result<Arc<dyn LanguageModel>, NoKey> {
                let openai = ChatApi::new(caller.clone(), Dialect::OpenAi, &base, Some(key));
                Ok(Arc::new(Guarded::new(openai.map_err(|_| NoKey)?, breakers.clone())))
            };
            let openai = open(Provider::OpenAi, &"key".into()).unwrap();
            let mut policy = usual.policy;
            policy.cached = Duration::from_secs(300);
            policy.retry.retries = 0;
            Models { providers: vec![openai].into(), open: Arc::new(open), policy, ..usual }
        });
        let product = Fixture::met(Edges { models: Some(models), ..edges });
        let me = product.home().await;
        Self { fake, product, me }
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        said(self.product.post(&self.me, path, &body).await).await
    }

    /// Asks `generate` under an idempotency key.
    pub(crate) async fn post_under(&self, key: &str, body: &Value) -> (u16, Value) {
        self.post_under_at("/api/v1/ai/generate", key, body.clone()).await
    }

    pub(crate) async fn post_under_at(&self, path: &str, key: &str, body: Value) -> (u16, Value) {
        let request = self.product.call(&self.me, Method::POST, path);
        said(request.header("Idempotency-Key", key).json(&body).send().await.unwrap()).await
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        said(self.product.get(&self.me, path).await).await.1
    }

    pub(crate) async fn stream(&self, body: Value) -> Response {
        self.product.post(&self.me, "/api/v1/ai/generate", &body).await
    }
}

async fn said(answer: Response) -> (u16, Value) {
    let status = answer.status().as_u16();
    let body = answer.bytes().await.unwrap();
    (status, serde_json::from_slice(&body).unwrap_or_default())
}

pub(crate) fn question() -> Value {
    json!({"model": "fast", "prompt": "Why?", "max_output_tokens": 200})
}
