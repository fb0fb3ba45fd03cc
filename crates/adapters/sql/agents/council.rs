use crate::{
    dialect::Backend,
    sql::{
        Store, TenantUnit, Time, Uid,
        json::{Json, from_json, to_json},
        schema::agents,
        text,
    },
};
use ::agents::{
    Agent, Lord, ModelAlias,
    ports::{AgentReader, AgentRepository},
};
use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use kernel::{AgentId, StoreError, StoreResult, WorkspaceScope};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = agents, check_for_backend(Backend))]
struct Row {
    id: Uid,
    workspace_id: Uid,
    lord: String,
    name: String,
    title: String,
    instructions: String,
    model_alias: String,
    tools: Json,
    enabled: bool,
    version: i32,
    created_at: Time,
    updated_at: Time,
}

impl TryFrom<&Agent> for Row {
    type Error = StoreError;

    fn try_from(agent: &Agent) -> StoreResult<Self> {
        Ok(Self {
            id: agent.id.into(),
            workspace_id: agent.workspace_id.into(),
            lord: agent.lord.name().to_owned(),
            name: agent.name.clone(),
            title: agent.title.clone(),
            instructions: agent.instructions.clone(),
            model_alias: agent.model_alias.name().to_owned(),
            tools: to_json(&agent.tools)?,
            enabled: agent.enabled,
            version: agent.version,
            created_at: agent.created_at.into(),
            updated_at: agent.updated_at.into(),
        })
    }
}

impl TryFrom<Row> for Agent {
    type Error = StoreError;

    fn try_from(row: Row) -> StoreResult<Self> {
        Ok(Self {
            id: row.id.into(),
            workspace_id: row.workspace_id.into(),
            lord: lord(&row.lord)?,
            name: row.name,
            title: row.title,
            instructions: row.instructions,
            model_alias: text("agents.model_alias", &row.model_alias, ModelAlias::from_name)?,
            tools: from_json("agents.tools", row.tools)?,
            enabled: row.enabled,
            version: row.version,
            created_at: row.created_at.0,
            updated_at: row.updated_at.0,
        })
    }
}

fn lord(name: &str) -> StoreResult<Lord> {
    text("agents.lord", name, Lord::from_name)
}

#[async_trait]
impl AgentRepository for TenantUnit {
    async fn insert(&mut self, agent: &Agent) -> StoreResult<()> {
        let row = Row::try_from(agent)?;
        let inserted = diesel::insert_into(agents::table).values(row).execute(self.conn()?).await;
        self.note(inserted).map(drop)
    }

    async fn seated(&mut self) -> StoreResult<Vec<Lord>> {
        let seated = agents::table
            .filter(agents::workspace_id.eq(self.workspace()))
            .select(agents::lord)
            .load::<String>(self.conn()?)
            .await;
        self.note(seated)?.iter().map(|name| lord(name)).collect()
    }

    async fn find_lord(&mut self, lord: Lord) -> StoreResult<Option<Agent>> {
        let found = agents::table
            .filter(agents::workspace_id.eq(self.workspace()))
            .filter(agents::lord.eq(lord.name()))
            .select(Row::as_select())
            .first::<Row>(self.conn()?)
            .await
            .optional();
        self.note(found)?.map(Agent::try_from).transpose()
    }
}

#[async_trait]
impl AgentReader for Store {
    async fn list(&self, scope: &WorkspaceScope) -> StoreResult<Vec<Agent>> {
        let query = agents::table
            .filter(agents::workspace_id.eq(Uid::from(scope.workspace())))
            .order(agents::id)
            .select(Row::as_select());
        let rows: Vec<Row> = self.read(scope, query).await?;
        rows.into_iter().map(Agent::try_from).collect()
    }

    async fn find(&self, scope: &WorkspaceScope, id: AgentId) -> StoreResult<Option<Agent>> {
        let query = agents::table
            .filter(agents::workspace_id.eq(Uid::from(scope.workspace())))
            .filter(agents::id.eq(Uid::from(id)))
            .select(Row::as_select());
        let rows: Vec<Row> = self.read(scope, query).await?;
        rows.into_iter().next().map(Agent::try_from).transpose()
    }
}
