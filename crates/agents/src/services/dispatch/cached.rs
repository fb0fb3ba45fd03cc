use super::{Candidate, Dispatcher, call::span_of, generate::booking};
use crate::{
    dispatch::{Answer, Ask, CallEnd, ModelCall, ModelRequest, Operation, Refusal, Reply, Source, Usage},
    ports::models::Uncached,
};
use kernel::{Area, CacheShelf, CallContext, PicoUsd, Role, WorkspaceScope};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tracing::Instrument;

/// An answer as the cache keeps it.
#[derive(Serialize, Deserialize)]
struct Kept {
    reply: Reply,
    source: Source,
    cost: i64,
}

/// All that an answer follows from, but for the workspace, whose shelf it stands on.
#[derive(Serialize)]
struct Question<'a> {
    model: &'a str,
    request: &'a ModelRequest,
    prompt_version: Option<&'a str>,
}

impl Dispatcher {
    /// The answer that was given to the same question before, or a new one. Of those who ask the same at once, one asks the
    /// provider.
    pub(super) async fn cached(
        &self,
        ctx: &CallContext,
        scope: &WorkspaceScope,
        ask: &Ask,
        candidates: &[Candidate],
    ) -> Result<Answer, Refusal> {
        let mut mine = None;
        let key = CacheShelf::of(scope).key(name_of(ask, &candidates[0])?);
        let make = async {
            let answer = self.answer(ctx, scope, ask, candidates).await.map_err(Uncached::Refused)?;
            // A fallback's answer is not what the model would say that was asked for.
            let is_kept = answer.reply.is_cacheable() && answer.source.model == candidates[0].target.model;
            let kept = serde_json::to_vec(&Kept {
                reply: answer.reply.clone(),
                source: answer.source.clone(),
                cost: answer.cost.pico(),
            });
            mine = Some(answer.clone());
            match kept {
                Ok(kept) if is_kept => Ok(kept),
                _ => Err(Uncached::Answered(Box::new(answer))),
            }
        };
        let found = self.cache.get(key, self.policy.cached, Box::pin(make)).await;
        if let Some(answer) = mine {
            return Ok(answer);
        }
        let kept = match found {
            Ok(bytes) => serde_json::from_slice::<Kept>(&bytes).ok(),
            Err(Uncached::Answered(answer)) => {
                Some(Kept { reply: answer.reply, source: answer.source, cost: answer.cost.pico() })
            }
            Err(Uncached::Refused(refusal)) => return Err(refusal),
        };
        match kept {
            Some(kept) => self.saved(ctx, scope, ask, candidates, kept).await,
            // What another version of this program has put there.
            None => self.answer(ctx, scope, ask, candidates).await,
        }
    }

    /// An answer that cost nothing, with its row.
    async fn saved(
        &self,
        ctx: &CallContext,
        scope: &WorkspaceScope,
        ask: &Ask,
        candidates: &[Candidate],
        Kept { reply, source, cost }: Kept,
    ) -> Result<Answer, Refusal> {
        let mut head = self.head(booking(ctx, scope, ask, Operation::Generate, candidates), candidates);
        head.model.clone_from(&source.model);
        head.provider = source.provider;
        let row = ModelCall {
            end: CallEnd::Cached(reply.finish),
            served_by: reply.served_by.clone(),
            attempts: 0,
            usage: Usage::NONE,
            tier: reply.tier,
            cost: PicoUsd::ZERO,
            saved: PicoUsd::new(cost),
            is_estimated: false,
            latency: self.env.now().since(head.at),
            first_token: None,
            head,
        };
        let span = span_of(&row.head);
        self.ledger.settle(scope, &row).instrument(span.clone()).await?;
        self.watch.ended(&span, &row, None);
        Ok(Answer {
            call: row.head.id,
            reply,
            source,
            usage: Usage::NONE,
            cost: PicoUsd::ZERO,
            is_cached: true,
            is_estimated: false,
        })
    }

    /// Forgets all answers of the workspace.
    ///
    /// # Errors
    /// The role is too low, or the cache is away.
    pub async fn clear_cache(&self, scope: &WorkspaceScope) -> Result<(), Refusal> {
        scope.require(Area::Ai.write().by(Role::Admin))?;
        self.cache
            .clear(CacheShelf::of(scope))
            .await
            .map_err(|e| Refusal::Store(kernel::StoreError::Unavailable(e.to_string())))
    }
}

/// The question's place on the workspace's shelf. Its JSON is canonical: fields in the order of their declaration, members of
/// free objects sorted.
fn name_of(ask: &Ask, first: &Candidate) -> Result<String, Refusal> {
    let request = ask.request.fitted(&first.model);
    let question = Question {
        model: &first.target.model,
        request: &request,
        prompt_version: ask.prompt_version.as_deref(),
    };
    let json = serde_json::to_vec(&question).map_err(|e| kernel::StoreError::Internal(e.to_string()))?;
    let digest: String = Sha256::digest(&json).iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(format!("ai.answer.{digest}"))
}
