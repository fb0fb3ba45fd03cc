//! Facts in the past tense, written in the transaction of the change they tell of.
//!
//! The `events` table is audit trail and outbox at once: a row is appended with the change, and a relay hands it to
//! the consumers later, at least once. Consumers therefore remember the event's id.

use crate::{
    Actor, CallContext, CorrelationId, Environment, EventId, StoreResult, SystemScope, Timestamp, UserId,
    WorkspaceId,
};
use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use uuid::Uuid;

/// A fact that is about to be written.
#[derive(Debug, Clone, PartialEq)]
pub struct NewEvent {
    /// Its id; consumers remember it.
    pub id: EventId,
    /// `<aggregate>.<past tense>`, such as `workspace.created`.
    pub event_type: &'static str,
    /// What it is about, such as `campaign`.
    pub subject_kind: &'static str,
    /// Which one.
    pub subject_id: Uuid,
    /// The person whose trail it belongs to when it belongs to no workspace.
    pub user_id: Option<UserId>,
    /// What a consumer needs to know; never a secret.
    pub payload: serde_json::Value,
    /// Who acted.
    pub actor: Actor,
    /// The call.
    pub correlation_id: CorrelationId,
    /// The event that caused the call.
    pub causation_id: Option<EventId>,
    /// The trace that the call was a part of.
    pub traceparent: Option<String>,
    /// The client's address. For the trail alone: consumers don't get it, and erasing a person takes it away.
    pub address: Option<IpAddr>,
    /// The client's name of itself; as the address.
    pub user_agent: Option<String>,
    /// When.
    pub occurred_at: Timestamp,
}

impl NewEvent {
    /// A fact about `subject_id`, told by the call `ctx`.
    pub fn new(
        env: &Environment,
        ctx: &CallContext,
        event_type: &'static str,
        subject: (&'static str, Uuid),
        payload: serde_json::Value,
    ) -> Self {
        Self {
            id: env.id(),
            event_type,
            subject_kind: subject.0,
            subject_id: subject.1,
            user_id: None,
            payload,
            actor: ctx.actor,
            correlation_id: ctx.correlation_id.clone(),
            causation_id: ctx.causation_id,
            traceparent: ctx.traceparent.clone(),
            address: ctx.address,
            user_agent: ctx.user_agent.clone(),
            occurred_at: env.now(),
        }
    }

    /// Puts the fact into a person's trail: for changes outside any workspace.
    #[must_use]
    pub fn about_user(mut self, user: UserId) -> Self {
        self.user_id = Some(user);
        self
    }
}

/// The envelope in which consumers get a fact.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Its id: seen twice, it is one fact.
    pub id: EventId,
    /// `<aggregate>.<past tense>`.
    pub event_type: String,
    /// Version of the payload's shape, from 1.
    pub version: i32,
    /// The tenant; `None` for a person's own affairs.
    pub workspace_id: Option<WorkspaceId>,
    /// The person whose trail it belongs to when there is no workspace.
    pub user_id: Option<UserId>,
    /// Its place in the workspace's (or person's) stream, from 1 without gaps.
    pub number: i64,
    /// Who acted.
    pub actor: Actor,
    /// What it is about.
    pub subject_kind: String,
    /// Which one.
    pub subject_id: Uuid,
    /// The call that made it.
    pub correlation_id: CorrelationId,
    /// The event that caused that call.
    pub causation_id: Option<EventId>,
    /// The trace that the call was a part of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traceparent: Option<String>,
    /// What a consumer needs to know.
    pub payload: serde_json::Value,
    /// When it happened.
    pub timestamp: Timestamp,
}

/// A fact as the trail shows it to who may read it: with what is known of the client.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditEntry {
    /// The fact.
    pub event: Event,
    /// Where the call came from; `None` for the system's own, and after the person was erased.
    pub address: Option<IpAddr>,
    /// What the client called itself; as the address.
    pub user_agent: Option<String>,
}

/// Where a unit of work tells its facts.
#[async_trait]
pub trait EventOutbox: Send {
    /// Buffers the fact. The unit MUST write all of them at its end, after every other row, numbered without gaps in
    /// the order of this call; and none of them when it rolls back.
    async fn append(&mut self, event: NewEvent) -> StoreResult<()>;
}

/// The relay's side of the outbox. Each method is a transaction of its own: what is published in between is remote.
#[async_trait]
pub trait EventRelay: Send + Sync {
    /// Facts that no relay has published, each stream's in order of their numbers.
    async fn unpublished(&self, scope: &SystemScope, most: u32) -> StoreResult<Vec<Event>>;
    /// Notes that the facts were published.
    async fn mark_published(&self, scope: &SystemScope, events: &[EventId], at: Timestamp)
    -> StoreResult<()>;
}

/// The unit of work of what looks after all tenants' work: consumers have facts in the transaction that moves their
/// position on, and instants of schedules become jobs in the one that moves the schedule on.
pub trait RelayTx: crate::JobTx {
    /// How far consumers have come.
    fn positions(&mut self) -> &mut dyn crate::ConsumerPositions;
    /// What comes again and again.
    fn schedule_queue(&mut self) -> &mut dyn crate::ScheduleQueue;
    /// The ends of attempts at jobs.
    fn attempts(&mut self) -> &mut dyn crate::JobAttempts;
}

/// The store of consumers and planner.
pub type RelayUow = dyn crate::UnitOfWork<dyn RelayTx, SystemScope>;

/// Reads a workspace's trail.
#[async_trait]
pub trait EventReader: Send + Sync {
    /// Facts after `number`, oldest first, at most `limit`.
    async fn list_after(
        &self,
        scope: &crate::WorkspaceScope,
        number: i64,
        limit: u32,
    ) -> StoreResult<Vec<Event>>;
    /// Facts about one thing, named by its kind and id, after `number`: oldest first, at most `limit`.
    async fn list_about(
        &self,
        scope: &crate::WorkspaceScope,
        subject: (&str, Uuid),
        number: i64,
        limit: u32,
    ) -> StoreResult<Vec<Event>>;
    /// The number of the last fact; 0 when there is none.
    async fn last_number(&self, scope: &crate::WorkspaceScope) -> StoreResult<i64>;
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    /// A fact that has everything, with an id of its own in each place.
    fn whole() -> Event {
        let id = Uuid::from_u128;
        Event {
            id: id(1).into(),
            event_type: "campaign.created".to_owned(),
            version: 1,
            workspace_id: Some(id(2).into()),
            user_id: Some(id(3).into()),
            number: 41,
            actor: Actor::User(id(4).into()),
            subject_kind: "campaign".to_owned(),
            subject_id: id(5),
            correlation_id: CorrelationId::mint(id(6)),
            causation_id: Some(id(7).into()),
            traceparent: Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".to_owned()),
            payload: json!({"name": "Spring"}),
            timestamp: "2026-03-02T09:00:00.000001Z".parse().unwrap(),
        }
    }

    /// Streams, the bus of other versions and jobs that wait: all of them read the envelope by these names.
    #[test]
    fn the_envelope_is_this_on_every_wire() {
        let envelope = json!({
            "id": "00000000-0000-0000-0000-000000000001",
            "event_type": "campaign.created",
            "version": 1,
            "workspace_id": "00000000-0000-0000-0000-000000000002",
            "user_id": "00000000-0000-0000-0000-000000000003",
            "number": 41,
            "actor": {"kind": "user", "id": "00000000-0000-0000-0000-000000000004"},
            "subject_kind": "campaign",
            "subject_id": "00000000-0000-0000-0000-000000000005",
            "correlation_id": "00000000-0000-0000-0000-000000000006",
            "causation_id": "00000000-0000-0000-0000-000000000007",
            "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "payload": {"name": "Spring"},
            "timestamp": "2026-03-02T09:00:00.000001Z",
        });
        assert_eq!(serde_json::to_value(whole()).unwrap(), envelope);
        assert_eq!(serde_json::from_value::<Event>(envelope).unwrap(), whole());
    }

    #[test]
    fn what_a_fact_does_not_have_is_null_and_a_trace_is_not_there() {
        let (workspace_id, user_id, causation_id, traceparent) = (None, None, None, None);
        let bare =
            Event { workspace_id, user_id, causation_id, traceparent, actor: Actor::System, ..whole() };
        let told = serde_json::to_value(&bare).unwrap();
        for absent in ["workspace_id", "user_id", "causation_id"] {
            assert_eq!(told.get(absent), Some(&Value::Null), "{absent}");
        }
        assert_eq!((&told["actor"], told.get("traceparent")), (&json!({"kind": "system"}), None));
        assert_eq!(serde_json::from_value::<Event>(told).unwrap(), bare);
    }
}
