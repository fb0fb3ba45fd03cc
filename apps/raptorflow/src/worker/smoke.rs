use async_trait::async_trait;
use kernel::{
    Actor, CallContext, CorrelationId, Environment, EventId, Job, JobFailure, JobHandler, NewEvent, RelayUow,
    StoreResult, StreamId, SystemScope, WorkerNote, WorkerRegistry,
};
use serde_json::json;
use std::sync::Arc;
use uuid::Uuid;

/// A fact that is told only to see whether it gets through the outbox, the bus and a worker, and back.
#[derive(Clone)]
pub struct Smoke {
    /// The store of facts.
    pub uow: Arc<RelayUow>,
    /// Where workers say that they are there.
    pub workers: Arc<dyn WorkerRegistry>,
    /// Clock and ids.
    pub env: Environment,
}

/// Whoever looks for what came back has had the platform's facts up to here.
const READER: &str = "doctor";
/// So many facts are looked through in one transaction.
const BATCH: u32 = 100;
/// What facts of this kind are about.
const SUBJECT: &str = "test";

impl Smoke {
    /// The fact, and the kind of job that answers it.
    pub const TOLD: &str = "test.event";
    /// The answer, with the fact as its cause.
    const HANDLED: &str = "test.event.handled";
    /// The platform's own facts are in one stream.
    const STREAM: StreamId = StreamId::new(Uuid::nil());

    /// Whether a worker has said lately that it is there.
    ///
    /// # Errors
    /// The store's.
    pub async fn is_worked_for(&self) -> StoreResult<bool> {
        let since = self.env.now().minus(WorkerNote::SILENCE);
        Ok(!self.workers.list_workers(&SystemScope::for_worker(), since).await?.is_empty())
    }

    /// Tells it.
    ///
    /// # Errors
    /// The store's.
    pub async fn tell(&self) -> StoreResult<EventId> {
        let ctx = CallContext::new(Actor::System, CorrelationId::mint(self.env.ids.uuid()));
        self.append(Self::TOLD, &ctx).await
    }

    async fn append(&self, event_type: &'static str, ctx: &CallContext) -> StoreResult<EventId> {
        let fact = NewEvent::new(&self.env, ctx, event_type, (SUBJECT, self.env.ids.uuid()), json!({}));
        let id = fact.id;
        self.uow
            .run(&SystemScope::for_relay(), async |tx| tx.events().append(fact.clone()).await)
            .await
            .map(|()| id)
    }

    /// Whether the answer to it is there. Whoever asks twice asks for the same one: what was looked through is not looked
    /// through again.
    ///
    /// # Errors
    /// The store's.
    pub async fn has_come_back(&self, told: EventId) -> StoreResult<bool> {
        loop {
            let facts = self
                .uow
                .run(&SystemScope::for_relay(), async |tx| {
                    let number = tx.positions().hold(READER, Self::STREAM).await?;
                    let facts = tx.positions().list_after(Self::STREAM, number, BATCH).await?;
                    if let Some(last) = facts.last() {
                        tx.positions().move_to(READER, Self::STREAM, last.number).await?;
                    }
                    StoreResult::Ok(facts)
                })
                .await?;
            let is_it =
                |fact: &kernel::Event| fact.event_type == Self::HANDLED && fact.causation_id == Some(told);
            match facts.iter().any(is_it) {
                false if facts.len() == BATCH as usize => {}
                found => return Ok(found),
            }
        }
    }
}

#[async_trait]
impl JobHandler for Smoke {
    fn kind(&self) -> &'static str {
        Self::TOLD
    }

    /// A job that comes twice answers twice, which harms nobody.
    async fn handle(&self, job: &Job) -> Result<(), JobFailure> {
        let answered = self.append(Self::HANDLED, &job.context()).await;
        answered.map(drop).map_err(|error| JobFailure::of(&error))
    }
}
