use super::Dispatcher;
use crate::dispatch::{Answer, Ask, Refusal};
use futures_util::{StreamExt, stream};
use kernel::{Area, CallContext, WorkspaceScope};

/// So many questions of a batch are asked at once.
const AT_ONCE: usize = 8;

impl Dispatcher {
    /// Answers to many questions, in their order, each for itself: one that is refused does not stop the others. Dropped, it
    /// asks nothing more. A key of the call is one for each of them: repeated, those are asked anew that had no answer.
    ///
    /// # Errors
    /// The role is too low for any.
    pub async fn batch(
        &self,
        ctx: &CallContext,
        scope: &WorkspaceScope,
        asks: &[Ask],
    ) -> Result<Vec<Result<Answer, Refusal>>, Refusal> {
        scope.require(Area::Ai.write())?;
        let answers = asks.iter().enumerate().map(|(place, ask)| async move {
            let mut ctx = ctx.clone();
            if let Some(key) = &mut ctx.idempotency {
                key.key = format!("{} {place}", key.key);
            }
            self.generate(&ctx, scope, ask).await
        });
        let answers: Vec<_> = answers.collect();
        Ok(stream::iter(answers).buffered(AT_ONCE).collect().await)
    }
}
