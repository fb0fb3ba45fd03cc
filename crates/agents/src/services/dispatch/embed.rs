use super::{Booking, Dispatcher, attempt::Embed};
use crate::dispatch::{
    CallEnd, Finish, ModelKind, Operation, Refusal, ServiceTier, Vectors, Wanted, tokens_in,
};
use kernel::{CallContext, WorkspaceScope, field::Checker};

/// So many texts are taken at once, as many as every provider takes.
const MOST_TEXTS: usize = 250;

impl Dispatcher {
    /// The vectors of texts, in their order, made once a key of the call.
    ///
    /// # Errors
    /// [`Refusal`].
    pub async fn embed(
        &self,
        ctx: &CallContext,
        scope: &WorkspaceScope,
        wanted: &Wanted,
        texts: &[String],
    ) -> Result<Vectors, Refusal> {
        self.once(ctx, scope, self.embed_now(ctx, scope, wanted, texts)).await
    }

    async fn embed_now(
        &self,
        ctx: &CallContext,
        scope: &WorkspaceScope,
        wanted: &Wanted,
        texts: &[String],
    ) -> Result<Vectors, Refusal> {
        let providers = self.providers.of(scope).await?;
        let candidates = self.candidates(&providers, wanted, ModelKind::Embedding, self.env.now())?;
        check(texts, candidates[0].model.input_tokens)?;
        let input_tokens = texts.iter().map(|text| tokens_in(text)).sum();
        let operation = Operation::Embed;
        let booking =
            Booking { ctx, scope, operation, run: None, input_tokens, output_tokens: 0, request: None };
        let mut call = self.hold(booking, &candidates).await?;
        let (place, embeddings) = match self.ask(&mut call, &candidates, &Embed(texts)).await {
            Ok(answered) => answered,
            Err(failure) => {
                call.unanswered(&failure).await;
                return Err(Refusal::of(&failure));
            }
        };
        let candidate = &candidates[place];
        let taken = call.taken(candidate, embeddings.usage, (ServiceTier::Standard, None), 0);
        let row = call.answered(CallEnd::Answered(Finish::Stop), taken).await;
        Ok(Vectors {
            call: row.head.id,
            vectors: embeddings.vectors,
            source: candidate.source(),
            usage: row.usage,
            cost: row.cost,
            is_estimated: row.is_estimated,
        })
    }
}

/// Each text is one that the model takes.
fn check(texts: &[String], longest: u32) -> Result<(), Refusal> {
    let mut check = Checker::default();
    let count = format!("must have 1 to {MOST_TEXTS} texts");
    check.rule("/input", (1..=MOST_TEXTS).contains(&texts.len()), "invalid_length", count);
    for (place, text) in texts.iter().take(MOST_TEXTS).enumerate() {
        let pointer = format!("/input/{place}");
        check.rule(&pointer, !text.is_empty(), "too_short", "must not be empty");
        let fits = tokens_in(text) <= u64::from(longest);
        check.rule(&pointer, fits, "too_long", format!("is longer than the model takes, {longest} tokens"));
    }
    Ok(check.finish()?)
}
