use super::served_name;
use crate::{
    Caller, Unusable,
    anthropic::{MessageStream, Route, body, count_body, counted, failure, reply},
    key_header,
};
use agents::{
    dispatch::{Embeddings, FailureKind, Model, ModelFailure, ModelRequest, Provider, Reply},
    ports::models::{Deadlines, LanguageModel, ReplyStream},
};
use async_trait::async_trait;
use reqwest::{RequestBuilder, header::HeaderValue};
use secrecy::SecretString;
use serde_json::Value;

/// Anthropic's own API.
#[derive(Clone)]
pub struct AnthropicApi {
    caller: Caller,
    base: String,
    key: HeaderValue,
}

impl AnthropicApi {
    /// Where the API is.
    pub const BASE: &str = "https://api.anthropic.com";
    /// What is spoken to models whose row names no version.
    const OLDEST_VERSION: &str = "2023-06-01";

    /// By this key, to the API at `base`: [`Self::BASE`] outside tests.
    ///
    /// # Errors
    /// [`Unusable`].
    pub fn new(caller: Caller, base: &str, key: &SecretString) -> Result<Self, Unusable> {
        Ok(Self { caller, base: base.trim_end_matches('/').to_owned(), key: key_header("", key)? })
    }

    fn post(&self, model: &Model, path: &str, body: &Value) -> Result<RequestBuilder, ModelFailure> {
        served_name(model, Provider::Anthropic)?;
        let version = model.anthropic_version.as_deref().unwrap_or(Self::OLDEST_VERSION);
        let request = self.caller.client().post(format!("{}/v1/{path}", self.base));
        Ok(request.header("x-api-key", self.key.clone()).header("anthropic-version", version).json(body))
    }
}

#[async_trait]
impl LanguageModel for AnthropicApi {
    fn provider(&self) -> Provider {
        Provider::Anthropic
    }

    async fn generate(
        &self,
        model: &Model,
        request: &ModelRequest,
        deadlines: Deadlines,
    ) -> Result<Reply, ModelFailure> {
        let asked = self.post(model, "messages", &body(model, request, Route::Own, false))?;
        reply(&self.caller.whole(asked, deadlines, failure).await?)
    }

    async fn stream(
        &self,
        model: &Model,
        request: &ModelRequest,
        deadlines: Deadlines,
    ) -> Result<ReplyStream, ModelFailure> {
        let asked = self.post(model, "messages", &body(model, request, Route::Own, true))?;
        self.caller.pieces(asked, deadlines, failure, MessageStream::default()).await
    }

    async fn count(
        &self,
        model: &Model,
        request: &ModelRequest,
        deadlines: Deadlines,
    ) -> Result<u64, ModelFailure> {
        let name = served_name(model, Provider::Anthropic)?;
        let asked =
            self.post(model, "messages/count_tokens", &count_body(name, model, request, Route::Own))?;
        counted(&self.caller.whole(asked, deadlines, failure).await?)
    }

    async fn embed(&self, model: &Model, _: &[String], _: Deadlines) -> Result<Embeddings, ModelFailure> {
        Err(ModelFailure::new(FailureKind::UnknownModel, format!("{} makes no vectors", model.id)))
    }
}
