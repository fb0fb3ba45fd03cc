use crate::{
    dialect::Backend,
    sql::{Store, TenantUnit, Time, Uid, json::Json, schema::agent_steps as steps, text},
};
use agents::{
    AgentStep, Origin, StepName, StepStatus,
    ports::{StepJournal, StepReader},
};
use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use kernel::{RunId, StoreError, StoreResult, WorkspaceScope};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = steps, check_for_backend(Backend))]
struct Row {
    id: Uid,
    workspace_id: Uid,
    run_id: Uid,
    number: i32,
    name: String,
    status: String,
    origin: Option<String>,
    input: Option<Json>,
    output: Json,
    started_at: Time,
    finished_at: Time,
}

impl From<&AgentStep> for Row {
    fn from(step: &AgentStep) -> Self {
        Self {
            id: step.id.into(),
            workspace_id: step.workspace_id.into(),
            run_id: step.run_id.into(),
            number: step.number,
            name: step.name.name().to_owned(),
            status: step.status.name().to_owned(),
            origin: step.origin.map(|origin| origin.name().to_owned()),
            input: step.input.clone(),
            output: step.output.clone(),
            started_at: step.started_at.into(),
            finished_at: step.finished_at.into(),
        }
    }
}

impl TryFrom<Row> for AgentStep {
    type Error = StoreError;

    fn try_from(row: Row) -> StoreResult<Self> {
        let origin = row.origin.as_deref();
        Ok(Self {
            id: row.id.into(),
            workspace_id: row.workspace_id.into(),
            run_id: row.run_id.into(),
            number: row.number,
            name: text("agent_steps.name", &row.name, StepName::from_name)?,
            status: text("agent_steps.status", &row.status, StepStatus::from_name)?,
            origin: origin.map(|name| text("agent_steps.origin", name, Origin::from_name)).transpose()?,
            input: row.input,
            output: row.output,
            started_at: row.started_at.0,
            finished_at: row.finished_at.0,
        })
    }
}

#[async_trait]
impl StepJournal for TenantUnit {
    async fn append(&mut self, step: &AgentStep) -> StoreResult<()> {
        let row = Row::from(step);
        let appended = diesel::insert_into(steps::table).values(row).execute(self.conn()?).await;
        self.note(appended).map(drop)
    }
}

#[async_trait]
impl StepReader for Store {
    async fn list(&self, scope: &WorkspaceScope, run: RunId) -> StoreResult<Vec<AgentStep>> {
        let query = steps::table
            .filter(steps::workspace_id.eq(Uid::from(scope.workspace())))
            .filter(steps::run_id.eq(Uid::from(run)))
            .order(steps::number)
            .select(Row::as_select());
        let rows: Vec<Row> = self.read(scope, query).await?;
        rows.into_iter().map(AgentStep::try_from).collect()
    }
}
