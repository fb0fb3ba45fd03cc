use agents::{
    dispatch::{Delta, Embeddings, FailureKind, Model, ModelFailure, ModelRequest, Provider, Reply},
    ports::models::{Deadlines, LanguageModel, ReplyStream},
};
use async_trait::async_trait;
use futures_util::{StreamExt, stream};
use web::{BreakerPolicy, Breakers, Permit};

/// A provider with a breaker for each of its models, `ai.<provider>.<model>`: one that is down is left alone, and the next
/// target asked at once. A count is none of its calls.
pub struct Guarded<M> {
    provider: M,
    breakers: Breakers,
}

impl<M: LanguageModel> Guarded<M> {
    /// Guards a provider.
    pub const fn new(provider: M, breakers: Breakers) -> Self {
        Self { provider, breakers }
    }

    fn admit(&self, model: &Model) -> Result<Permit, ModelFailure> {
        let name = format!("ai.{}.{}", self.provider.provider().name(), model.id);
        self.breakers.breaker(&name, BreakerPolicy::USUAL).admit().map_err(|unavailable| {
            ModelFailure::new(FailureKind::Resting, unavailable.to_string())
                .after(Some(unavailable.retry_after))
        })
    }
}

/// Tells the breaker how an attempt ended.
fn tell<T>(permit: Permit, result: &Result<T, ModelFailure>) {
    match result {
        Err(failure) if failure.kind.is_down() => permit.failed(),
        Ok(_) | Err(_) => permit.answered(),
    }
}

#[async_trait]
impl<M: LanguageModel> LanguageModel for Guarded<M> {
    fn provider(&self) -> Provider {
        self.provider.provider()
    }

    fn is_regional(&self, model: &Model) -> bool {
        self.provider.is_regional(model)
    }

    async fn generate(
        &self,
        model: &Model,
        request: &ModelRequest,
        deadlines: Deadlines,
    ) -> Result<Reply, ModelFailure> {
        let permit = self.admit(model)?;
        let reply = self.provider.generate(model, request, deadlines).await;
        tell(permit, &reply);
        reply
    }

    /// The first piece of an answer is what tells the breaker.
    async fn stream(
        &self,
        model: &Model,
        request: &ModelRequest,
        deadlines: Deadlines,
    ) -> Result<ReplyStream, ModelFailure> {
        let permit = self.admit(model)?;
        match self.provider.stream(model, request, deadlines).await {
            Ok(pieces) => Ok(watched(permit, pieces)),
            refused => {
                tell(permit, &refused);
                refused
            }
        }
    }

    async fn count(
        &self,
        model: &Model,
        request: &ModelRequest,
        deadlines: Deadlines,
    ) -> Result<u64, ModelFailure> {
        self.provider.count(model, request, deadlines).await
    }

    async fn embed(
        &self,
        model: &Model,
        texts: &[String],
        deadlines: Deadlines,
    ) -> Result<Embeddings, ModelFailure> {
        let permit = self.admit(model)?;
        let vectors = self.provider.embed(model, texts, deadlines).await;
        tell(permit, &vectors);
        vectors
    }
}

fn watched(permit: Permit, pieces: ReplyStream) -> ReplyStream {
    let watch = |(permit, mut pieces): (Option<Permit>, ReplyStream)| async move {
        let piece: Result<Delta, ModelFailure> = pieces.next().await?;
        if let Some(permit) = permit {
            tell(permit, &piece);
        }
        Some((piece, (None, pieces)))
    };
    stream::unfold((Some(permit), pieces), watch).boxed()
}
