use super::page_of;
use crate::http::listing::{Listing, PageBody, PageParams};
use crate::http::path::PathId;
use crate::http::reply::{Answer, Reply};
use crate::http::schema::names;
use crate::http::tenant::Tenant;
use crate::wiring::Services;
use actix_web::{get, web};
use agents::{Agent, Lord, ModelAlias};
use kernel::{AgentId, Timestamp, WorkspaceId};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::schema::Object;

/// One of the seven agents of a workspace.
#[derive(Debug, Serialize, ToSchema)]
struct AgentBody {
    #[schema(value_type = Uuid)]
    id: AgentId,
    #[schema(value_type = Uuid)]
    workspace_id: WorkspaceId,
    /// Its seat in the council; never changes.
    #[schema(schema_with = lords)]
    key: Lord,
    name: String,
    /// What it is lord of.
    title: String,
    /// Its mandate.
    instructions: String,
    /// The class of language models that it uses where one is configured.
    #[schema(schema_with = aliases)]
    model_alias: ModelAlias,
    /// Names of the tools that it may call.
    tools: Vec<String>,
    /// Whether it may be given work.
    enabled: bool,
    /// As in the `ETag`.
    version: i32,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

pub(super) fn lords() -> Object {
    names(Lord::ALL.map(Lord::name))
}

fn aliases() -> Object {
    names(ModelAlias::ALL.map(ModelAlias::name))
}

impl From<Agent> for AgentBody {
    fn from(agent: Agent) -> Self {
        Self {
            id: agent.id,
            workspace_id: agent.workspace_id,
            key: agent.lord,
            name: agent.name,
            title: agent.title,
            instructions: agent.instructions,
            model_alias: agent.model_alias,
            tools: agent.tools,
            enabled: agent.enabled,
            version: agent.version,
            created_at: agent.created_at,
            updated_at: agent.updated_at,
        }
    }
}

/// List the council
///
/// The seven agents in their order; none in the moment between the making of a workspace and the seating of its
/// council.
#[utoipa::path(tag = "agents", operation_id = "list_agents", params(PageParams),
    responses((status = 200, body = PageBody<AgentBody>)),
    extensions(("x-access" = json!("member")), ("x-reads" = json!(["agents"]))))]
#[get("/api/v1/agents")]
pub(super) async fn list_agents(
    services: web::Data<Services>,
    tenant: Tenant,
    list: Listing,
) -> Answer<PageBody<AgentBody>> {
    let asked = list.page(&tenant)?;
    let council = services.council.list(&tenant.scope).await?;
    let page = page_of(council, &asked, |agent| agent.lord);
    Ok(list.answer(&tenant, page.map(AgentBody::from)))
}

/// Read an agent
#[utoipa::path(tag = "agents", operation_id = "read_agent", responses((status = 200, body = AgentBody)),
    extensions(("x-access" = json!("member")), ("x-reads" = json!(["agents"]))))]
#[get("/api/v1/agents/{agent_id}")]
pub(super) async fn read_agent(
    services: web::Data<Services>,
    tenant: Tenant,
    agent: PathId<AgentId>,
) -> Answer<AgentBody> {
    let agent = services.council.get(&tenant.scope, agent.0).await?;
    let version = agent.version;
    Ok(Reply::ok(agent.into()).version(version))
}
