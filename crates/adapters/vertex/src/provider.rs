use crate::{Location, Tokens};
use agents::{
    dispatch::{Embeddings, FailureKind, Model, ModelFailure, ModelRequest, Provider, Publisher, Reply},
    ports::models::{Deadlines, LanguageModel, ReplyStream},
};
use async_trait::async_trait;
use models::{
    Caller, Unusable,
    anthropic::{self, MessageStream, Route},
    google::{self, GoogleStream},
    key_header,
    providers::served_name,
};
use reqwest::{
    RequestBuilder,
    header::{AUTHORIZATION, HeaderValue},
};
use secrecy::SecretString;
use serde_json::Value;
use std::sync::Arc;

/// How Vertex AI is entered.
#[derive(Clone)]
pub struct Access(Way);

#[derive(Clone)]
enum Way {
    Account { tokens: Arc<Tokens>, project: String, location: Location },
    Express(HeaderValue),
}

impl Access {
    /// By a service account, in a project, at a location.
    #[must_use]
    pub const fn account(tokens: Arc<Tokens>, project: String, location: Location) -> Self {
        Self(Way::Account { tokens, project, location })
    }

    /// By an express key, without project and location.
    ///
    /// # Errors
    /// [`Unusable`].
    pub fn express(key: &SecretString) -> Result<Self, Unusable> {
        Ok(Self(Way::Express(key_header("", key)?)))
    }

    fn base(&self) -> String {
        match &self.0 {
            Way::Account { location, .. } => location.base(),
            Way::Express(_) => Location::global().base(),
        }
    }

    /// Where a publisher's model is; `None` where this way does not lead.
    fn path(&self, publisher: Publisher, name: &str) -> Option<String> {
        let publisher = match publisher {
            Publisher::Google => "google",
            Publisher::Anthropic => "anthropic",
            Publisher::OpenAi | Publisher::Mistral | Publisher::Other => return None,
        };
        match &self.0 {
            Way::Account { project, location, .. } => Some(format!(
                "v1/projects/{project}/locations/{location}/publishers/{publisher}/models/{name}"
            )),
            Way::Express(_) if publisher == "google" => Some(format!("v1/publishers/google/models/{name}")),
            Way::Express(_) => None,
        }
    }

    async fn enter(&self, request: RequestBuilder) -> Result<RequestBuilder, ModelFailure> {
        Ok(match &self.0 {
            Way::Express(key) => request.header("x-goog-api-key", key.clone()),
            Way::Account { tokens, .. } => {
                let request = request.header(AUTHORIZATION, tokens.header().await?);
                match &tokens.account().quota_project_id {
                    Some(project) => request.header("x-goog-user-project", project),
                    None => request,
                }
            }
        })
    }
}

/// Vertex AI.
#[derive(Clone)]
pub struct Vertex {
    caller: Caller,
    access: Access,
    base: String,
}

impl Vertex {
    /// Where its location is, or at `base` in tests and behind a gateway of one's own.
    #[must_use]
    pub fn new(caller: Caller, access: Access, base: Option<&str>) -> Self {
        let base = base.map_or_else(|| access.base(), |base| base.trim_end_matches('/').to_owned());
        Self { caller, access, base }
    }

    fn url(&self, model: &Model, name: &str, method: &str) -> Result<String, ModelFailure> {
        let path = self.access.path(model.publisher, name).ok_or_else(|| {
            let cause = format!("{} can't be reached by this way into Vertex AI", model.id);
            ModelFailure::new(FailureKind::UnknownModel, cause)
        })?;
        Ok(format!("{}/{path}:{method}", self.base))
    }

    async fn post(&self, model: &Model, method: &str, body: &Value) -> Result<RequestBuilder, ModelFailure> {
        self.post_to(model, served_name(model, Provider::Vertex)?, method, body).await
    }

    async fn post_to(
        &self,
        model: &Model,
        name: &str,
        method: &str,
        body: &Value,
    ) -> Result<RequestBuilder, ModelFailure> {
        let request = self.caller.client().post(self.url(model, name, method)?);
        Ok(self.access.enter(request).await?.json(body))
    }
}

#[async_trait]
impl LanguageModel for Vertex {
    fn provider(&self) -> Provider {
        Provider::Vertex
    }

    fn is_regional(&self, _: &Model) -> bool {
        match &self.access.0 {
            Way::Account { location, .. } => location.is_regional(),
            Way::Express(_) => false,
        }
    }

    async fn generate(
        &self,
        model: &Model,
        request: &ModelRequest,
        deadlines: Deadlines,
    ) -> Result<Reply, ModelFailure> {
        if model.publisher == Publisher::Anthropic {
            let body = anthropic::body(model, request, Route::Vertex, false);
            let asked = self.post(model, "rawPredict", &body).await?;
            return anthropic::reply(&self.caller.whole(asked, deadlines, claude_failure).await?);
        }
        let asked = self.post(model, "generateContent", &google::body(model, request)).await?;
        google::reply(&self.caller.whole(asked, deadlines, google::failure).await?)
    }

    async fn stream(
        &self,
        model: &Model,
        request: &ModelRequest,
        deadlines: Deadlines,
    ) -> Result<ReplyStream, ModelFailure> {
        if model.publisher == Publisher::Anthropic {
            let body = anthropic::body(model, request, Route::Vertex, true);
            let asked = self.post(model, "streamRawPredict", &body).await?;
            return self.caller.pieces(asked, deadlines, claude_failure, MessageStream::default()).await;
        }
        let asked = self.post(model, "streamGenerateContent?alt=sse", &google::body(model, request)).await?;
        self.caller.pieces(asked, deadlines, google::failure, GoogleStream::default()).await
    }

    async fn count(
        &self,
        model: &Model,
        request: &ModelRequest,
        deadlines: Deadlines,
    ) -> Result<u64, ModelFailure> {
        let name = served_name(model, Provider::Vertex)?;
        if model.publisher == Publisher::Anthropic {
            let body = anthropic::count_body(name, model, request, Route::Vertex);
            let asked = self.post_to(model, "count-tokens", "rawPredict", &body).await?;
            return anthropic::counted(&self.caller.whole(asked, deadlines, claude_failure).await?);
        }
        let asked = self.post(model, "countTokens", &google::count_body(model, request)).await?;
        google::counted(&self.caller.whole(asked, deadlines, google::failure).await?)
    }

    async fn embed(
        &self,
        model: &Model,
        texts: &[String],
        deadlines: Deadlines,
    ) -> Result<Embeddings, ModelFailure> {
        let name = served_name(model, Provider::Vertex)?;
        let (method, body) = match texts {
            _ if !name.contains("gemini") => ("predict", google::predict_body(texts)),
            [text] => ("embedContent", google::embedding_body(text)),
            texts => ("batchEmbedContents", google::batch_embedding_body(name, texts)),
        };
        let asked = self.post(model, method, &body).await?;
        google::embeddings(&self.caller.whole(asked, deadlines, google::failure).await?, texts.len())
    }
}

/// An error of Claude on Vertex AI is Anthropic's when the model was reached, and Google's before.
fn claude_failure(status: u16, body: &[u8]) -> ModelFailure {
    let is_anthropic = serde_json::from_slice::<Value>(body).is_ok_and(|error| error["type"] == "error");
    if is_anthropic { anthropic::failure(status, body) } else { google::failure(status, body) }
}

#[cfg(test)]
mod tests;
