use crate::{
    store::Store,
    unit::{Scope, Unit},
};
use async_trait::async_trait;
use kernel::{
    AuditEntry, ConsumerPositions, Event, EventId, EventOutbox, EventReader, EventRelay, NewEvent, Place,
    RelayTx, ScheduleQueue, StoreError, StoreResult, StreamId, SystemScope, Timestamp, UnitOfWork, Work,
    WorkspaceId, WorkspaceScope,
};
use std::collections::BTreeMap;
use uuid::Uuid;

#[derive(Clone)]
pub(crate) struct Row {
    pub(crate) entry: AuditEntry,
    published_at: Option<Timestamp>,
}

#[derive(Clone, Default)]
pub(crate) struct State {
    pub(crate) rows: Vec<Row>,
    last_number: BTreeMap<Uuid, i64>,
    positions: BTreeMap<(String, Uuid), i64>,
}

impl State {
    pub(crate) fn purge(&mut self, workspace: WorkspaceId) {
        let Self { rows, last_number, positions } = self;
        rows.retain(|row| row.entry.event.workspace_id != Some(workspace));
        last_number.remove(&workspace.uuid());
        positions.retain(|(_, stream), _| *stream != workspace.uuid());
    }

    /// When the oldest fact happened that no relay has handed on.
    pub(crate) fn unpublished_since(&self) -> Option<Timestamp> {
        let waiting = self.rows.iter().filter(|row| row.published_at.is_none());
        waiting.map(|row| row.entry.event.timestamp).min()
    }

    pub(crate) fn append(&mut self, tenant: Option<WorkspaceId>, events: Vec<NewEvent>) -> StoreResult<()> {
        for event in events {
            if self.rows.iter().any(|row| row.entry.event.id == event.id) {
                return Err(StoreError::Conflict("events_pkey".to_owned()));
            }
            let stream = tenant.map(WorkspaceId::uuid).or(event.user_id.map(kernel::UserId::uuid));
            let number = self.last_number.entry(stream.unwrap_or_default()).or_default();
            *number += 1;
            let number = *number;
            let (address, user_agent) = (event.address, event.user_agent.clone());
            let entry = AuditEntry { event: envelope(tenant, number, event), address, user_agent };
            self.rows.push(Row { entry, published_at: None });
        }
        Ok(())
    }
}

fn envelope(workspace_id: Option<WorkspaceId>, number: i64, event: NewEvent) -> Event {
    Event {
        id: event.id,
        event_type: event.event_type.to_owned(),
        version: 1,
        workspace_id,
        user_id: event.user_id,
        number,
        actor: event.actor,
        subject_kind: event.subject_kind.to_owned(),
        subject_id: event.subject_id,
        correlation_id: event.correlation_id,
        causation_id: event.causation_id,
        traceparent: event.traceparent,
        payload: event.payload,
        timestamp: event.occurred_at,
    }
}

#[async_trait]
impl<S: Scope> EventOutbox for Unit<S> {
    async fn append(&mut self, event: NewEvent) -> StoreResult<()> {
        self.statement(|unit| {
            unit.events.push(event);
            Ok(())
        })
    }
}

#[async_trait]
impl EventReader for Store {
    async fn list_after(&self, scope: &WorkspaceScope, number: i64, limit: u32) -> StoreResult<Vec<Event>> {
        let state = self.state().await?;
        let mine = state.events.rows.iter().map(|row| &row.entry.event);
        let mine =
            mine.filter(|event| event.workspace_id == Some(scope.workspace()) && event.number > number);
        Ok(mine.take(limit as usize).cloned().collect())
    }

    async fn list_about(
        &self,
        scope: &WorkspaceScope,
        (kind, id): (&str, Uuid),
        number: i64,
        limit: u32,
    ) -> StoreResult<Vec<Event>> {
        let state = self.state().await?;
        let mine = state.events.rows.iter().map(|row| &row.entry.event);
        let mine =
            mine.filter(|event| event.workspace_id == Some(scope.workspace()) && event.number > number);
        let about = mine.filter(|event| event.subject_kind == kind && event.subject_id == id);
        Ok(about.take(limit as usize).cloned().collect())
    }

    async fn last_number(&self, scope: &WorkspaceScope) -> StoreResult<i64> {
        let state = self.state().await?;
        Ok(state.events.last_number.get(&scope.workspace().uuid()).copied().unwrap_or_default())
    }
}

#[async_trait]
impl EventRelay for Store {
    async fn unpublished(&self, _: &SystemScope, most: u32) -> StoreResult<Vec<Event>> {
        let state = self.state().await?;
        let waiting = state.events.rows.iter().filter(|row| row.published_at.is_none());
        let mut waiting: Vec<_> = waiting.map(|row| &row.entry.event).collect();
        waiting.sort_by_key(|event| (event.number, event.id));
        Ok(waiting.into_iter().take(most as usize).cloned().collect())
    }

    async fn mark_published(&self, _: &SystemScope, events: &[EventId], at: Timestamp) -> StoreResult<()> {
        let mut state = self.state().await?;
        for row in state.events.rows.iter_mut().filter(|row| events.contains(&row.entry.event.id)) {
            row.published_at = Some(at);
        }
        Ok(())
    }
}

#[async_trait]
impl ConsumerPositions for Unit<SystemScope> {
    async fn hold(&mut self, consumer: &str, stream: StreamId) -> StoreResult<i64> {
        let its = (consumer.to_owned(), stream.uuid());
        self.statement(|unit| Ok(unit.state.events.positions.get(&its).copied().unwrap_or_default()))
    }

    async fn list_after(&mut self, stream: StreamId, number: i64, most: u32) -> StoreResult<Vec<Event>> {
        self.statement(|unit| {
            let events = unit.state.events.rows.iter().map(|row| &row.entry.event);
            let after = events.filter(|event| event.stream() == stream && event.number > number);
            Ok(after.take(most as usize).cloned().collect())
        })
    }

    async fn next_place(&mut self, stream: StreamId, number: i64) -> StoreResult<Option<Place>> {
        let next = self.list_after(stream, number, 1).await?.pop();
        Ok(next.map(|event| Place { number: event.number, id: event.id, workspace_id: event.workspace_id }))
    }

    async fn move_to(&mut self, consumer: &str, stream: StreamId, number: i64) -> StoreResult<()> {
        let its = (consumer.to_owned(), stream.uuid());
        self.statement(|unit| {
            unit.state.events.positions.insert(its, number);
            Ok(())
        })
    }

    async fn behind(
        &mut self,
        consumer: &str,
        after: Option<StreamId>,
        most: u32,
    ) -> StoreResult<Vec<StreamId>> {
        self.statement(|unit| {
            let State { last_number, positions, .. } = &unit.state.events;
            let had =
                |stream: Uuid| positions.get(&(consumer.to_owned(), stream)).copied().unwrap_or_default();
            let is_after = |stream: Uuid| after.is_none_or(|after| stream > after.uuid());
            let behind =
                last_number.iter().filter(|(stream, last)| is_after(**stream) && had(**stream) < **last);
            Ok(behind.take(most as usize).map(|(stream, _)| StreamId::new(*stream)).collect())
        })
    }
}

impl RelayTx for Unit<SystemScope> {
    fn attempts(&mut self) -> &mut dyn kernel::JobAttempts {
        self
    }

    fn positions(&mut self) -> &mut dyn ConsumerPositions {
        self
    }

    fn schedule_queue(&mut self) -> &mut dyn ScheduleQueue {
        self
    }
}

#[async_trait]
impl UnitOfWork<dyn RelayTx, SystemScope> for Store {
    async fn run_erased(&self, scope: &SystemScope, work: &mut dyn Work<dyn RelayTx>) -> StoreResult<()> {
        self.run_unit(scope, work, |unit| unit).await
    }
}
