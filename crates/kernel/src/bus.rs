//! How facts reach those they concern.
//!
//! ```text
//!  unit of work ─▶ events (outbox) ─▶ relay ─▶ bus ─▶ each consumer ─▶ its position moves on, with its effect
//!                        ▲                                 │
//!                        └──── what the bus lost ──────────┘
//! ```
//!
//! The store numbers the facts of each stream without gaps, and keeps how far each consumer has come in it. So the bus
//! may deliver twice, out of order, or lose everything: a delivery only says that a stream has something new, and the
//! consumer has its facts from the store, in order, from its position on, in the unit of work that moves the position.

use crate::{Event, EventId, RelayTx, StoreResult, WorkspaceId};
use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use std::{fmt, time::Duration};
use uuid::Uuid;

/// The facts that are numbered together: a workspace's, a person's, or (nil) the platform's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct StreamId(Uuid);

impl StreamId {
    /// The stream of this number in a store.
    #[must_use]
    pub const fn new(id: Uuid) -> Self {
        Self(id)
    }

    /// Its number in a store: the workspace's, the person's, or nil.
    #[must_use]
    pub const fn uuid(self) -> Uuid {
        self.0
    }
}

impl std::str::FromStr for StreamId {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

impl From<WorkspaceId> for StreamId {
    fn from(workspace: WorkspaceId) -> Self {
        Self(workspace.uuid())
    }
}

impl fmt::Display for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Event {
    /// The stream in which the fact has its number.
    #[must_use]
    pub fn stream(&self) -> StreamId {
        let person = || self.user_id.map(crate::UserId::uuid);
        StreamId(self.workspace_id.map(WorkspaceId::uuid).or_else(person).unwrap_or_default())
    }
}

/// The bus could not be reached, or has no room; what was to be published waits in the outbox.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the bus is away: {0}")]
pub struct BusAway(pub String);

/// A fact as a consumer gets it.
#[derive(Debug, Clone, PartialEq)]
pub struct Delivery {
    /// Its entry on the bus, to settle it by.
    pub entry: String,
    /// The fact.
    pub event: Event,
}

/// Carries facts from the relay to consumers, in this process or in others.
#[async_trait]
pub trait Bus: Send + Sync {
    /// Appends the facts in this order. Of a stream it MUST NOT append a fact after a later one of that stream, nor one
    /// that it has appended lately: relays may hand it the same ones at the same time.
    async fn publish(&self, events: &[Event]) -> Result<(), BusAway>;
    /// What waits for the consumer, `most` at most; waits for something no longer than `wait`. Each delivery goes to one
    /// worker, and to another one when it is not settled within a minute. What is no fact at all MUST be put aside with
    /// its reason, and stop nothing. Deliveries MAY get lost.
    async fn receive(
        &self,
        consumer: &str,
        worker: &str,
        most: usize,
        wait: Duration,
    ) -> Result<Vec<Delivery>, BusAway>;
    /// How many deliveries wait for the consumer or are not settled yet, as far as the bus knows: what it has lost is not
    /// among them.
    async fn waiting(&self, consumer: &str) -> Result<u64, BusAway>;
    /// How much of what was put aside is still kept, for whoever wants to know why.
    async fn count_dead(&self) -> Result<u64, BusAway>;
    /// These need not come again.
    async fn settle(&self, consumer: &str, deliveries: &[Delivery]) -> Result<(), BusAway>;
}

/// Told of facts that were published, for those who follow a stream as it grows. Whoever is told MUST answer at once.
pub trait Followers: Send + Sync {
    /// The stream has facts up to this number.
    fn published(&self, stream: StreamId, number: i64);
    /// Whether what all processes publish is heard of. While it is not, followers look by themselves.
    fn hears(&self, all: bool);
}

/// Whom facts concern.
#[async_trait]
pub trait EventConsumer: Send + Sync {
    /// Its name, by which its positions are kept: a new name begins with the first fact.
    fn name(&self) -> &'static str;
    /// Whether it has anything to do with such a fact.
    fn wants(&self, event: &Event) -> bool;
    /// Does what follows from the fact, in the unit that moves the consumer's position past it. So it takes place once,
    /// and a stream's facts come in order. One that fails is set aside as a job: that is tried again, out of order then,
    /// and may become a dead letter.
    async fn consume(&self, tx: &mut dyn RelayTx, event: &Event) -> StoreResult<()>;
}

/// How far consumers have come, inside a unit of work.
#[async_trait]
pub trait ConsumerPositions: Send {
    /// The number of the last fact of the stream that the consumer has had, 0 before the first. MUST keep other units
    /// from learning it before this one ends.
    async fn hold(&mut self, consumer: &str, stream: StreamId) -> StoreResult<i64>;
    /// Facts of the stream after `number`, in order, `most` at most. MUST answer `Corrupt` when this version can't read one
    /// of them.
    async fn list_after(&mut self, stream: StreamId, number: i64, most: u32) -> StoreResult<Vec<Event>>;
    /// Where the next fact of the stream after `number` stands, whether this version can read it or not.
    async fn next_place(&mut self, stream: StreamId, number: i64) -> StoreResult<Option<Place>>;
    /// The consumer has had the facts up to this number.
    async fn move_to(&mut self, consumer: &str, stream: StreamId, number: i64) -> StoreResult<()>;
    /// Streams with facts that the consumer has not had, in the order of their ids, those after this one, `most` at most.
    async fn behind(
        &mut self,
        consumer: &str,
        after: Option<StreamId>,
        most: u32,
    ) -> StoreResult<Vec<StreamId>>;
}

/// Where a fact stands in its stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Its number there.
    pub number: i64,
    /// Which fact it is.
    pub id: EventId,
    /// The tenant.
    pub workspace_id: Option<WorkspaceId>,
}
