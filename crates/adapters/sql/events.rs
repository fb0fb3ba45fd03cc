use super::{
    Store, SystemUnit, Time, Uid, actor, actor_columns, add_readable,
    json::{Json, from_json},
    readable,
    schema::{event_streams, events},
    text,
};
use crate::dialect::Backend;
use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use kernel::{
    AuditEntry, ConsumerPositions, CorrelationId, Event, EventId, EventReader, EventRelay, JobAttempts,
    NewEvent, RelayTx, ScheduleQueue, StoreError, StoreResult, SystemScope, Timestamp, UnitOfWork, Work,
    WorkspaceScope,
};
use uuid::Uuid;

/// A fact with what is known of the client, which the trail has and consumers don't get.
#[derive(Queryable, Selectable)]
#[diesel(table_name = events, check_for_backend(Backend))]
pub(crate) struct TrailRow {
    #[diesel(embed)]
    row: Row,
    address: Option<String>,
    user_agent: Option<String>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = events, check_for_backend(Backend))]
pub(crate) struct Row {
    #[diesel(embed)]
    fact: Unnumbered,
    number: i64,
}

/// A fact before it has its number.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = events, check_for_backend(Backend))]
pub(crate) struct Unnumbered {
    id: Uid,
    event_type: String,
    version: i32,
    workspace_id: Option<Uid>,
    user_id: Option<Uid>,
    actor_kind: String,
    actor_id: Option<Uid>,
    subject_kind: String,
    subject_id: Uid,
    correlation_id: String,
    causation_id: Option<Uid>,
    traceparent: Option<String>,
    payload: Json,
    occurred_at: Time,
}

impl Unnumbered {
    pub(crate) fn of(event: NewEvent, workspace_id: Option<Uid>) -> Self {
        let (actor_kind, actor_id) = actor_columns(event.actor);
        Self {
            id: event.id.into(),
            event_type: event.event_type.to_owned(),
            version: 1,
            workspace_id,
            user_id: event.user_id.map(Into::into),
            actor_kind: actor_kind.to_owned(),
            actor_id,
            subject_kind: event.subject_kind.to_owned(),
            subject_id: Uid(event.subject_id),
            correlation_id: event.correlation_id.as_str().to_owned(),
            causation_id: event.causation_id.map(Into::into),
            traceparent: event.traceparent,
            payload: event.payload,
            occurred_at: event.occurred_at.into(),
        }
    }
}

impl TryFrom<TrailRow> for AuditEntry {
    type Error = StoreError;

    fn try_from(row: TrailRow) -> StoreResult<Self> {
        let address = |address: &str| text("events.address", address, |address| address.parse().ok());
        Ok(Self {
            event: row.row.try_into()?,
            address: row.address.as_deref().map(address).transpose()?,
            user_agent: row.user_agent,
        })
    }
}

impl TryFrom<Row> for Event {
    type Error = StoreError;

    fn try_from(Row { fact, number }: Row) -> StoreResult<Self> {
        Ok(Self {
            id: fact.id.into(),
            event_type: fact.event_type,
            version: fact.version,
            workspace_id: fact.workspace_id.map(Into::into),
            user_id: fact.user_id.map(Into::into),
            number,
            actor: actor(&fact.actor_kind, fact.actor_id)?,
            subject_kind: fact.subject_kind,
            subject_id: fact.subject_id.0,
            correlation_id: from_json::<CorrelationId>("correlation_id", fact.correlation_id.into())?,
            causation_id: fact.causation_id.map(Into::into),
            traceparent: fact.traceparent,
            payload: fact.payload,
            timestamp: fact.occurred_at.0,
        })
    }
}

impl Store {
    /// What was read, once it is on the disk: who has heard of a fact goes on behind its number, and it can't be taken back.
    async fn told<T>(&self, read: Vec<T>) -> StoreResult<Vec<T>> {
        if !read.is_empty() {
            self.pools.log.on_disk().await?;
        }
        Ok(read)
    }

    /// What this version can read of these facts after `number`; a newer version's keep nobody from those behind them.
    async fn list(
        &self,
        scope: &WorkspaceScope,
        number: i64,
        limit: u32,
        facts: impl Fn() -> events::BoxedQuery<'static, Backend>,
    ) -> StoreResult<Vec<Event>> {
        let (mut found, mut after) = (Vec::new(), Some(number));
        while let Some(number) = after {
            let next = facts().filter(events::number.gt(number)).order(events::number).limit(limit.into());
            let rows: Vec<Row> = self.told(self.read(scope, next.select(Row::as_select())).await?).await?;
            after = add_readable("events", &mut found, rows, limit.into(), |row| row.number);
        }
        Ok(found)
    }
}

fn of_workspace(scope: &WorkspaceScope) -> events::BoxedQuery<'static, Backend> {
    events::table.filter(events::workspace_id.eq(Uid::from(scope.workspace()))).into_boxed()
}

#[async_trait]
impl EventReader for Store {
    async fn list_after(&self, scope: &WorkspaceScope, number: i64, limit: u32) -> StoreResult<Vec<Event>> {
        self.list(scope, number, limit, || of_workspace(scope)).await
    }

    async fn list_about(
        &self,
        scope: &WorkspaceScope,
        (kind, id): (&str, Uuid),
        number: i64,
        limit: u32,
    ) -> StoreResult<Vec<Event>> {
        let about = || {
            let about = of_workspace(scope).filter(events::subject_id.eq(Uid(id)));
            about.filter(events::subject_kind.eq(kind.to_owned()))
        };
        self.list(scope, number, limit, about).await
    }

    async fn last_number(&self, scope: &WorkspaceScope) -> StoreResult<i64> {
        let last = event_streams::table
            .filter(event_streams::stream_id.eq(Uid::from(scope.workspace())))
            .select(event_streams::last_number);
        let found: Vec<i64> = self.told(self.read(scope, last).await?).await?;
        Ok(found.into_iter().next().unwrap_or_default())
    }
}

#[async_trait]
impl EventRelay for Store {
    async fn unpublished(&self, scope: &SystemScope, most: u32) -> StoreResult<Vec<Event>> {
        let mut after = (i64::MIN, Uid(Uuid::nil()));
        loop {
            let (number, id) = after;
            let later = events::number.gt(number).or(events::number.eq(number).and(events::id.gt(id)));
            let waiting = events::table
                .filter(events::published_at.is_null())
                .filter(later)
                .order((events::number, events::id))
                .limit(most.into())
                .select(Row::as_select());
            let rows: Vec<Row> = self.told(self.read(scope, waiting).await?).await?;
            let Some(last) = rows.last().map(|row| (row.number, row.fact.id)) else { return Ok(Vec::new()) };
            // One that this version can't read waits for a newer one, and keeps no other one waiting.
            let found: Vec<Event> = rows.into_iter().filter_map(|row| readable("events", row)).collect();
            if !found.is_empty() {
                return Ok(found);
            }
            after = last;
        }
    }

    async fn mark_published(
        &self,
        scope: &SystemScope,
        published: &[EventId],
        at: Timestamp,
    ) -> StoreResult<()> {
        let ids: Vec<Uid> = published.iter().copied().map(Uid::from).collect();
        let units: &dyn UnitOfWork<SystemUnit, SystemScope> = self;
        units
            .run(scope, async |unit| {
                let marked = diesel::update(events::table.filter(events::id.eq_any(ids)))
                    .set(events::published_at.eq(Time(at)))
                    .execute(unit.conn()?)
                    .await;
                unit.note(marked).map(drop)
            })
            .await
    }
}

impl RelayTx for SystemUnit {
    fn attempts(&mut self) -> &mut dyn JobAttempts {
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
