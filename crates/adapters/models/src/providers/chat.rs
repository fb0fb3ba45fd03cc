use super::served_name;
use crate::{
    Caller, Unusable, key_header,
    openai::{ChatStream, Dialect, body, embedding_body, embeddings, failure, reply},
};
use agents::{
    dispatch::{Embeddings, Model, ModelFailure, ModelRequest, Provider, Reply},
    ports::models::{Deadlines, LanguageModel, ReplyStream},
};
use async_trait::async_trait;
use reqwest::{
    RequestBuilder,
    header::{AUTHORIZATION, HeaderValue},
};
use secrecy::SecretString;
use serde_json::Value;

/// `OpenAI`'s API, and those that speak as it does.
#[derive(Clone)]
pub struct ChatApi {
    caller: Caller,
    dialect: Dialect,
    base: String,
    key: Option<HeaderValue>,
}

impl ChatApi {
    /// Where `OpenAI`'s API is.
    pub const OPENAI: &str = "https://api.openai.com/v1";
    /// Where Mistral's is.
    pub const MISTRAL: &str = "https://api.mistral.ai/v1";

    /// By this key, which local servers do without, to the API at `base`, its version included.
    ///
    /// # Errors
    /// [`Unusable`].
    pub fn new(
        caller: Caller,
        dialect: Dialect,
        base: &str,
        key: Option<&SecretString>,
    ) -> Result<Self, Unusable> {
        let key = key.map(|key| key_header("Bearer ", key)).transpose()?;
        Ok(Self { caller, dialect, base: base.trim_end_matches('/').to_owned(), key })
    }

    fn post(&self, path: &str, body: &Value) -> RequestBuilder {
        let request = self.caller.client().post(format!("{}/{path}", self.base));
        match &self.key {
            Some(key) => request.header(AUTHORIZATION, key.clone()).json(body),
            None => request.json(body),
        }
    }
}

#[async_trait]
impl LanguageModel for ChatApi {
    fn provider(&self) -> Provider {
        self.dialect.provider()
    }

    async fn generate(
        &self,
        model: &Model,
        request: &ModelRequest,
        deadlines: Deadlines,
    ) -> Result<Reply, ModelFailure> {
        served_name(model, self.provider())?;
        let asked = self.post("chat/completions", &body(model, request, self.dialect, false));
        reply(&self.caller.whole(asked, deadlines, failure).await?)
    }

    async fn stream(
        &self,
        model: &Model,
        request: &ModelRequest,
        deadlines: Deadlines,
    ) -> Result<ReplyStream, ModelFailure> {
        served_name(model, self.provider())?;
        let asked = self.post("chat/completions", &body(model, request, self.dialect, true));
        self.caller.pieces(asked, deadlines, failure, ChatStream::default()).await
    }

    /// None of them counts without answering.
    async fn count(&self, _: &Model, request: &ModelRequest, _: Deadlines) -> Result<u64, ModelFailure> {
        Ok(request.estimated_input())
    }

    async fn embed(
        &self,
        model: &Model,
        texts: &[String],
        deadlines: Deadlines,
    ) -> Result<Embeddings, ModelFailure> {
        let name = served_name(model, self.provider())?;
        let asked = self.post("embeddings", &embedding_body(name, texts));
        embeddings(&self.caller.whole(asked, deadlines, failure).await?, texts.len())
    }
}
