use crate::{
    dialect::{self, Backend},
    sql::{
        Store, TenantUnit, Time, Uid, actor, actor_columns,
        json::{Json, from_json, to_json},
        schema::agent_runs as runs,
        text,
    },
};
use agents::{
    AgentRun, Lord, Origin, RunKind, RunStatus,
    ports::{RunFilter, RunReader, RunRepository},
};
use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use kernel::{CorrelationId, Page, PageRequest, PicoUsd, RunId, StoreError, StoreResult, WorkspaceScope};

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = runs, check_for_backend(Backend), treat_none_as_null = true)]
struct Row {
    id: Uid,
    workspace_id: Uid,
    agent_id: Option<Uid>,
    lord: String,
    kind: String,
    status: String,
    live_key: Option<String>,
    origin: Option<String>,
    origin_reason: Option<String>,
    subject_id: Uid,
    input: Json,
    output: Option<Json>,
    cost: i64,
    error: Option<Json>,
    actor_kind: String,
    actor_id: Option<Uid>,
    correlation_id: String,
    version: i32,
    created_at: Time,
    updated_at: Time,
    started_at: Option<Time>,
    finished_at: Option<Time>,
}

impl TryFrom<&AgentRun> for Row {
    type Error = StoreError;

    fn try_from(run: &AgentRun) -> StoreResult<Self> {
        let (actor_kind, actor_id) = actor_columns(run.created_by);
        Ok(Self {
            id: run.id.into(),
            workspace_id: run.workspace_id.into(),
            agent_id: run.agent_id.map(Into::into),
            lord: run.lord.name().to_owned(),
            kind: run.kind.name().to_owned(),
            status: run.status.name().to_owned(),
            live_key: run.live_key(),
            origin: run.origin.map(|origin| origin.name().to_owned()),
            origin_reason: run.origin_reason.clone(),
            subject_id: Uid(run.subject_id),
            input: run.input.clone(),
            output: run.output.clone(),
            cost: run.cost.pico(),
            error: run.error.as_ref().map(to_json).transpose()?,
            actor_kind: actor_kind.to_owned(),
            actor_id,
            correlation_id: run.correlation_id.as_str().to_owned(),
            version: run.version,
            created_at: run.created_at.into(),
            updated_at: run.updated_at.into(),
            started_at: run.started_at.map(Into::into),
            finished_at: run.finished_at.map(Into::into),
        })
    }
}

impl TryFrom<Row> for AgentRun {
    type Error = StoreError;

    fn try_from(row: Row) -> StoreResult<Self> {
        let origin = row.origin.as_deref();
        Ok(Self {
            id: row.id.into(),
            workspace_id: row.workspace_id.into(),
            agent_id: row.agent_id.map(Into::into),
            lord: text("agent_runs.lord", &row.lord, Lord::from_name)?,
            kind: text("agent_runs.kind", &row.kind, RunKind::from_name)?,
            status: text("agent_runs.status", &row.status, RunStatus::from_name)?,
            origin: origin.map(|name| text("agent_runs.origin", name, Origin::from_name)).transpose()?,
            origin_reason: row.origin_reason,
            subject_id: row.subject_id.0,
            input: row.input,
            output: row.output,
            cost: PicoUsd::new(row.cost),
            error: row.error.map(|error| from_json("agent_runs.error", error)).transpose()?,
            created_by: actor(&row.actor_kind, row.actor_id)?,
            correlation_id: text("agent_runs.correlation_id", &row.correlation_id, CorrelationId::parse)?,
            version: row.version,
            created_at: row.created_at.0,
            updated_at: row.updated_at.0,
            started_at: row.started_at.map(|at| at.0),
            finished_at: row.finished_at.map(|at| at.0),
        })
    }
}

#[async_trait]
impl RunRepository for TenantUnit {
    async fn insert(&mut self, run: &AgentRun) -> StoreResult<()> {
        let row = Row::try_from(run)?;
        let inserted = diesel::insert_into(runs::table).values(row).execute(self.conn()?).await;
        self.note(inserted).map(drop)
    }

    async fn find(&mut self, id: RunId) -> StoreResult<Option<AgentRun>> {
        let run = runs::table
            .filter(runs::workspace_id.eq(self.workspace()))
            .filter(runs::id.eq(Uid::from(id)))
            .select(Row::as_select());
        let found = dialect::held!(run).first::<Row>(self.conn()?).await.optional();
        self.note(found)?.map(AgentRun::try_from).transpose()
    }

    /// Held too: whoever waited for a unit that gave the live run up sees that it is live no longer.
    async fn find_live(&mut self, live_key: &str) -> StoreResult<Option<AgentRun>> {
        let live = runs::table
            .filter(runs::workspace_id.eq(self.workspace()))
            .filter(runs::live_key.eq(live_key))
            .select(Row::as_select());
        let found = dialect::held!(live).first::<Row>(self.conn()?).await.optional();
        self.note(found)?.map(AgentRun::try_from).transpose()
    }

    async fn save(&mut self, run: &AgentRun, expected: i32) -> StoreResult<()> {
        let stored = runs::table
            .filter(runs::workspace_id.eq(self.workspace()))
            .filter(runs::id.eq(Uid::from(run.id)))
            .filter(runs::version.eq(expected));
        let saved = diesel::update(stored).set(Row::try_from(run)?).execute(self.conn()?).await;
        if self.note(saved)? == 1 { Ok(()) } else { Err(StoreError::Stale) }
    }
}

#[async_trait]
impl RunReader for Store {
    async fn find(&self, scope: &WorkspaceScope, id: RunId) -> StoreResult<Option<AgentRun>> {
        let query = runs::table
            .filter(runs::workspace_id.eq(Uid::from(scope.workspace())))
            .filter(runs::id.eq(Uid::from(id)))
            .select(Row::as_select());
        let rows: Vec<Row> = self.read(scope, query).await?;
        rows.into_iter().next().map(AgentRun::try_from).transpose()
    }

    async fn page(
        &self,
        scope: &WorkspaceScope,
        filter: RunFilter,
        request: &PageRequest,
    ) -> StoreResult<Page<AgentRun>> {
        let mut query = runs::table
            .filter(runs::workspace_id.eq(Uid::from(scope.workspace())))
            .order(runs::id.desc())
            .limit(i64::from(request.limit.get()) + 1)
            .select(Row::as_select())
            .into_boxed();
        if let Some(status) = filter.status {
            query = query.filter(runs::status.eq(status.name()));
        }
        if let Some(kind) = filter.kind {
            query = query.filter(runs::kind.eq(kind.name()));
        }
        if let Some(subject) = filter.subject {
            query = query.filter(runs::subject_id.eq(Uid(subject)));
        }
        if let Some(after) = request.after {
            query = query.filter(runs::id.lt(Uid(after)));
        }
        let rows: Vec<Row> = self.read(scope, query).await?;
        let runs = rows.into_iter().map(AgentRun::try_from).collect::<StoreResult<Vec<_>>>()?;
        Ok(Page::cut(runs, request.limit, |run| run.id.uuid()))
    }
}
