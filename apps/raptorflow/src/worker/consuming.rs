use super::outage::Outage;
use crate::metrics::Metrics;
use async_trait::async_trait;
use futures_util::FutureExt;
use kernel::{
    Actor, Bus, CallContext, CorrelationId, Delivery, Environment, Event, EventConsumer, Job, JobFailure,
    JobHandler, NewJob, Place, RelayTx, RelayUow, Settlement, StoreError, StoreResult, StreamId, SystemScope,
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, panic::AssertUnwindSafe, sync::Arc, time::Duration};
use tokio::time::Instant;

/// Hands facts to one consumer, each stream's in order, each in the transaction that moves the consumer's position.
pub(super) struct Consuming {
    pub(super) bus: Arc<dyn Bus>,
    pub(super) uow: Arc<RelayUow>,
    pub(super) consumer: Arc<dyn EventConsumer>,
    pub(super) worker: String,
    pub(super) env: Environment,
    pub(super) metrics: Arc<Metrics>,
}

/// How many facts one transaction hands over.
const BATCH: u32 = 100;
/// How long one look at the bus waits for something.
const WAIT: Duration = Duration::from_secs(1);
/// How often the store is asked for facts that no delivery told of.
const CATCH_UP: Duration = Duration::from_secs(30);

impl Consuming {
    #[expect(clippy::disallowed_methods, reason = "the pause between attempts has nothing to wait for")]
    /// Works for ever.
    pub(super) async fn run(&self) {
        let mut outage = Outage::of("facts come from the store, with some delay");
        let mut catch_up_at = Instant::now();
        loop {
            let received = self.bus.receive(self.consumer.name(), &self.worker, BATCH as usize, WAIT).await;
            if outage.is_on() || Instant::now() >= catch_up_at {
                self.catch_up().await;
                catch_up_at = Instant::now() + CATCH_UP;
            }
            let handled = match received {
                Ok(deliveries) => self.take(&deliveries).await,
                Err(error) => Err(error),
            };
            if let Some(pause) = outage.after(handled) {
                tokio::time::sleep(pause).await;
            }
        }
    }

    /// Looks once at the bus and once at the store; answers how many facts were handed over.
    pub(super) async fn pass(&self) -> usize {
        let received =
            self.bus.receive(self.consumer.name(), &self.worker, BATCH as usize, Duration::ZERO).await;
        if let Ok(deliveries) = received {
            // What is not settled comes again.
            drop(self.take(&deliveries).await);
        }
        self.catch_up().await
    }

    /// Hands over what the deliveries tell of, and settles those of streams where that went well.
    async fn take(&self, deliveries: &[Delivery]) -> Result<(), kernel::BusAway> {
        let (wanted, mut settled): (Vec<&Delivery>, Vec<&Delivery>) =
            deliveries.iter().partition(|delivery| self.consumer.wants(&delivery.event));
        let streams: BTreeSet<StreamId> = wanted.iter().map(|delivery| delivery.event.stream()).collect();
        for stream in streams {
            if self.advance(stream).await.is_some() {
                settled.extend(wanted.iter().filter(|delivery| delivery.event.stream() == stream));
            }
        }
        let settled: Vec<Delivery> = settled.into_iter().cloned().collect();
        if settled.is_empty() { Ok(()) } else { self.bus.settle(self.consumer.name(), &settled).await }
    }

    /// Hands over what no delivery told of; answers how many facts.
    async fn catch_up(&self) -> usize {
        let (mut handed_over, mut last) = (0, None);
        loop {
            let behind = self.behind(last).await;
            let behind = behind.inspect_err(|error| tracing::warn!(%error, "the store could not be asked"));
            let behind = behind.unwrap_or_default();
            for stream in &behind {
                handed_over += self.advance(*stream).await.unwrap_or_default();
            }
            // One that has to wait keeps none of those after it waiting.
            last = behind.last().copied();
            if behind.len() < BATCH as usize {
                return handed_over;
            }
        }
    }

    /// Streams after this one with facts that the consumer has not had.
    async fn behind(&self, last: Option<StreamId>) -> StoreResult<Vec<StreamId>> {
        let (scope, name) = (SystemScope::for_relay(), self.consumer.name());
        self.uow.run(&scope, async |tx| tx.positions().behind(name, last, BATCH).await).await
    }

    /// Hands over everything of the stream after the consumer's position; answers how many facts, or `None` when that
    /// has to wait.
    async fn advance(&self, stream: StreamId) -> Option<usize> {
        let (mut handed_over, mut most) = (0, BATCH);
        loop {
            match self.batch(stream, most).await {
                Ok(count) => {
                    handed_over += count;
                    if count < most as usize && most == BATCH {
                        return Some(handed_over);
                    }
                    most = BATCH;
                }
                Err(error @ StoreError::Unavailable(_)) => {
                    tracing::warn!(%error, stream = %stream, "facts could not be handed over; they come again");
                    return None;
                }
                // One of the batch fails: which one it is shows when they come one at a time.
                Err(_) if most > 1 => most = 1,
                Err(error) => match self.set_aside(stream, &error).await {
                    Ok(()) => handed_over += 1,
                    Err(error) => {
                        tracing::error!(%error, stream = %stream, "a fact could not be set aside");
                        return None;
                    }
                },
            }
        }
    }

    async fn batch(&self, stream: StreamId, most: u32) -> StoreResult<usize> {
        let scope = SystemScope::for_relay();
        let unit = self.uow.run(&scope, async |tx| {
            let events = self.next(tx, stream, most).await?;
            for event in events.iter().filter(|event| self.consumer.wants(event)) {
                self.consumer.consume(tx, event).await?;
            }
            Ok(events)
        });
        // A panic is the fact's fault, not the line's.
        let unit: Result<StoreResult<Vec<Event>>, _> = AssertUnwindSafe(unit).catch_unwind().await;
        let events =
            unit.unwrap_or_else(|_| Err(StoreError::Internal("the consumer panicked".to_owned())))?;
        for event in events.iter().filter(|event| self.consumer.wants(event)) {
            self.metrics.fact_consumed(self.consumer.name(), self.env.now().since(event.timestamp));
        }
        Ok(events.len())
    }

    /// The stream's facts after the position, which is moved past them.
    async fn next(&self, tx: &mut dyn RelayTx, stream: StreamId, most: u32) -> StoreResult<Vec<Event>> {
        let name = self.consumer.name();
        let number = tx.positions().hold(name, stream).await?;
        let events = tx.positions().list_after(stream, number, most).await?;
        if let Some(last) = events.last() {
            tx.positions().move_to(name, stream, last.number).await?;
        }
        Ok(events)
    }

    /// The call in which a fact that can't be read has its consequences.
    fn unknown_cause(&self, place: Place) -> CallContext {
        let correlation_id = CorrelationId::mint(self.env.ids.uuid());
        CallContext { causation_id: Some(place.id), ..CallContext::new(Actor::System, correlation_id) }
    }

    /// Makes a job of the next fact, so that it is tried again and stops none of those behind it.
    async fn set_aside(&self, stream: StreamId, why: &StoreError) -> StoreResult<()> {
        let name = self.consumer.name();
        tracing::warn!(error = %why, consumer = name, stream = %stream, "a fact is set aside as a job");
        self.uow
            .run(&SystemScope::for_relay(), async |tx| {
                let number = tx.positions().hold(name, stream).await?;
                let Some(place) = tx.positions().next_place(stream, number).await? else { return Ok(()) };
                let aside = SetAside { consumer: name.to_owned(), stream, number: place.number };
                let ctx = match aside.read(tx).await {
                    Ok(Some(event)) => caused_by(&event),
                    // A newer build wrote it, and may be there when the job is tried again.
                    Ok(None) | Err(StoreError::Corrupt(_)) => self.unknown_cause(place),
                    Err(error) => return Err(error),
                };
                tx.jobs().enqueue(aside.into_job(&self.env, &ctx, place)?).await?;
                tx.positions().move_to(name, stream, place.number).await
            })
            .await
    }
}

/// A fact that a consumer could not have in its turn, by its place: it may be one that can't be read.
#[derive(Debug, Serialize, Deserialize)]
struct SetAside {
    consumer: String,
    stream: StreamId,
    number: i64,
}

/// Names the conflict of an attempt that is held no longer.
const LOST: &str = "attempt";

/// The kind of job that hands such a fact over again.
const CONSUME: &str = "events.consume";

impl SetAside {
    fn into_job(self, env: &Environment, ctx: &CallContext, place: Place) -> StoreResult<NewJob> {
        let key = format!("{} {}", self.consumer, place.id);
        let payload = serde_json::to_value(self).map_err(|error| StoreError::Internal(error.to_string()))?;
        let job = NewJob::new(env, ctx, CONSUME, payload);
        Ok(NewJob { workspace_id: place.workspace_id, ..job }.deduplicated(key))
    }

    /// The fact; `None` when it is gone with its workspace.
    async fn read(&self, tx: &mut dyn RelayTx) -> StoreResult<Option<Event>> {
        let found = tx.positions().list_after(self.stream, self.number - 1, 1).await?;
        Ok(found.into_iter().find(|event| event.number == self.number))
    }
}

/// The call in which a fact has its consequences.
pub(super) fn caused_by(event: &Event) -> CallContext {
    CallContext {
        causation_id: Some(event.id),
        traceparent: event.traceparent.clone(),
        ..CallContext::new(event.actor, event.correlation_id.clone())
    }
}

/// Hands facts over that were set aside, each in the unit that ends its job: so the consumer has it once, as it has the
/// others.
pub(super) struct ConsumeAgain {
    pub(super) uow: Arc<RelayUow>,
    pub(super) env: Environment,
    pub(super) consumers: Vec<Arc<dyn EventConsumer>>,
}

#[async_trait]
impl JobHandler for ConsumeAgain {
    fn kind(&self) -> &'static str {
        CONSUME
    }

    fn settles(&self) -> bool {
        true
    }

    async fn handle(&self, job: &Job) -> Result<(), JobFailure> {
        let aside = SetAside::deserialize(&job.payload).map_err(|e| JobFailure::Permanent(e.to_string()))?;
        let consumer = self.consumers.iter().find(|consumer| consumer.name() == aside.consumer);
        let consumer = consumer.ok_or_else(|| {
            JobFailure::Transient(format!("this build has no consumer `{}`", aside.consumer))
        })?;
        let scope = SystemScope::for_relay();
        let unit: StoreResult<()> = self
            .uow
            .run(&scope, async |tx| {
                if !tx.attempts().settle(job, &Settlement::Succeeded, self.env.now()).await? {
                    return Err(StoreError::Conflict(LOST.to_owned()));
                }
                match aside.read(tx).await? {
                    Some(event) if consumer.wants(&event) => consumer.consume(tx, &event).await,
                    _ => Ok(()),
                }
            })
            .await;
        unit.map_err(|error| match error {
            StoreError::Conflict(held) if held == LOST => JobFailure::Lost,
            error => JobFailure::Transient(error.to_string()),
        })
    }
}

#[cfg(test)]
mod tests;
