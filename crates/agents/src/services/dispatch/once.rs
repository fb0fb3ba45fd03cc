use super::Dispatcher;
use crate::{
    dispatch::Refusal,
    ports::{AgentTx, AgentUow, models::Afterwards},
};
use kernel::{
    Area, CallContext, Environment, IdempotencyKey, StoreError, Timestamp, WorkspaceScope,
    idempotency::KEPT_FOR,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;
use std::sync::Arc;

/// What stands under a key. No transaction may be open while a provider is asked, so the key is taken before and answered after.
///
/// ```text
///   taken ──▶ under way ── answered ──▶ done, for a day
///                 └── refused, left, or the process died ──▶ (free)
/// ```
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Standing {
    UnderWay,
    Done(Value),
}

/// A key that is taken. Dropped, it is free again.
struct Taken {
    uow: Arc<AgentUow>,
    afterwards: Arc<dyn Afterwards>,
    env: Environment,
    scope: WorkspaceScope,
    key: Option<IdempotencyKey>,
}

impl Dispatcher {
    /// Does it once a key of the call: who asks again has the first one's answer, and pays nothing. Without a key it is done.
    ///
    /// # Errors
    /// The work's; that the role is too low; that it is under way, or that the key was another request's.
    pub(super) async fn once<R: Serialize + DeserializeOwned>(
        &self,
        ctx: &CallContext,
        scope: &WorkspaceScope,
        work: impl Future<Output = Result<R, Refusal>> + Send,
    ) -> Result<R, Refusal> {
        // Before anything: an answer that is kept is for those only who may ask for it now.
        scope.require(Area::Ai.write())?;
        let Some(key) = &ctx.idempotency else { return work.await };
        // As long as a call may last; then whoever took the key is dead.
        let until = self.env.now().plus(self.policy.total + self.policy.grace);
        let now = self.env.now();
        let stands = self.uow.run(scope, async |tx| take(tx, key, now, until).await).await?;
        if let Some(answer) = stands {
            return serde_json::from_value(answer).map_err(|e| StoreError::Corrupt(e.to_string()).into());
        }
        let taken = Taken {
            uow: self.uow.clone(),
            afterwards: self.afterwards.clone(),
            env: self.env.clone(),
            scope: *scope,
            key: Some(key.clone()),
        };
        let answer = work.await?;
        taken.answered(&answer).await;
        Ok(answer)
    }
}

async fn take(
    tx: &mut dyn AgentTx,
    key: &IdempotencyKey,
    now: Timestamp,
    until: Timestamp,
) -> Result<Option<Value>, StoreError> {
    let stands = tx.idempotency().claim(key, now).await?;
    match stands.map(serde_json::from_value).transpose() {
        Ok(Some(Standing::Done(answer))) => Ok(Some(answer)),
        Ok(Some(Standing::UnderWay)) => Err(StoreError::InFlight),
        Ok(None) => put(tx, key, &Standing::UnderWay, until).await.map(|()| None),
        Err(error) => Err(StoreError::Corrupt(error.to_string())),
    }
}

async fn put(
    tx: &mut dyn AgentTx,
    key: &IdempotencyKey,
    standing: &Standing,
    until: Timestamp,
) -> Result<(), StoreError> {
    let standing = serde_json::to_value(standing).map_err(|e| StoreError::Internal(e.to_string()))?;
    tx.idempotency().store(key, &standing, until).await
}

impl Taken {
    /// Keeps the answer. When that fails, the key is free again once nobody can be at work under it.
    async fn answered(mut self, answer: &impl Serialize) {
        let Some(key) = self.key.take() else { return };
        let kept = match serde_json::to_value(answer) {
            Ok(answer) => self.put(&key, Standing::Done(answer), self.env.now().plus(KEPT_FOR)).await,
            Err(error) => Err(StoreError::Internal(error.to_string())),
        };
        if let Err(error) = kept {
            tracing::warn!(%error, "an answer was not kept for its repetition");
        }
    }

    async fn put(
        &self,
        key: &IdempotencyKey,
        standing: Standing,
        until: Timestamp,
    ) -> Result<(), StoreError> {
        let now = self.env.now();
        let put = async |tx: &mut (dyn AgentTx + 'static)| {
            tx.idempotency().claim(key, now).await?;
            put(tx, key, &standing, until).await
        };
        self.uow.run(&self.scope, put).await
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        let Some(key) = self.key.take() else { return };
        let free = Self {
            uow: self.uow.clone(),
            afterwards: self.afterwards.clone(),
            env: self.env.clone(),
            scope: self.scope,
            key: None,
        };
        self.afterwards.finish(Box::pin(async move {
            // What has expired is not there.
            if let Err(error) = free.put(&key, Standing::UnderWay, free.env.now()).await {
                tracing::warn!(%error, "a key was not given free; it expires");
            }
        }));
    }
}
