use super::served_name;
use crate::{
    Caller, Unusable,
    google::{GoogleStream, batch_embedding_body, body, count_body, counted, embeddings, failure, reply},
    key_header,
};
use agents::{
    dispatch::{Embeddings, Model, ModelFailure, ModelRequest, Provider, Reply},
    ports::models::{Deadlines, LanguageModel, ReplyStream},
};
use async_trait::async_trait;
use reqwest::{RequestBuilder, header::HeaderValue};
use secrecy::SecretString;
use serde_json::Value;

/// The Gemini Developer API.
#[derive(Clone)]
pub struct GeminiApi {
    caller: Caller,
    base: String,
    key: HeaderValue,
}

impl GeminiApi {
    /// Where the API is.
    pub const BASE: &str = "https://generativelanguage.googleapis.com";

    /// By this key, to the API at `base`: [`Self::BASE`] outside tests.
    ///
    /// # Errors
    /// [`Unusable`].
    pub fn new(caller: Caller, base: &str, key: &SecretString) -> Result<Self, Unusable> {
        Ok(Self { caller, base: base.trim_end_matches('/').to_owned(), key: key_header("", key)? })
    }

    fn post(&self, model: &Model, method: &str, body: &Value) -> Result<RequestBuilder, ModelFailure> {
        let name = served_name(model, Provider::Gemini)?;
        let request = self.caller.client().post(format!("{}/v1/models/{name}:{method}", self.base));
        Ok(request.header("x-goog-api-key", self.key.clone()).json(body))
    }
}

#[async_trait]
impl LanguageModel for GeminiApi {
    fn provider(&self) -> Provider {
        Provider::Gemini
    }

    async fn generate(
        &self,
        model: &Model,
        request: &ModelRequest,
        deadlines: Deadlines,
    ) -> Result<Reply, ModelFailure> {
        let asked = self.post(model, "generateContent", &body(model, request))?;
        reply(&self.caller.whole(asked, deadlines, failure).await?)
    }

    async fn stream(
        &self,
        model: &Model,
        request: &ModelRequest,
        deadlines: Deadlines,
    ) -> Result<ReplyStream, ModelFailure> {
        let asked = self.post(model, "streamGenerateContent?alt=sse", &body(model, request))?;
        self.caller.pieces(asked, deadlines, failure, GoogleStream::default()).await
    }

    async fn count(
        &self,
        model: &Model,
        request: &ModelRequest,
        deadlines: Deadlines,
    ) -> Result<u64, ModelFailure> {
        let asked = self.post(model, "countTokens", &count_body(model, request))?;
        counted(&self.caller.whole(asked, deadlines, failure).await?)
    }

    async fn embed(
        &self,
        model: &Model,
        texts: &[String],
        deadlines: Deadlines,
    ) -> Result<Embeddings, ModelFailure> {
        let name = served_name(model, Provider::Gemini)?;
        let asked = self.post(model, "batchEmbedContents", &batch_embedding_body(name, texts))?;
        embeddings(&self.caller.whole(asked, deadlines, failure).await?, texts.len())
    }
}
