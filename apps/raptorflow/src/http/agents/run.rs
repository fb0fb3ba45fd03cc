use super::RunErrorBody;
use super::council::lords;
use crate::http::schema::names;
use agents::{AgentRun, Lord, Origin, RunKind, RunStatus};
use kernel::{AgentId, PicoUsd, RunId, Timestamp, WorkspaceId};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa::openapi::schema::Object;
use uuid::Uuid;

/// One tracked execution of an agent.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RunBody {
    #[schema(value_type = Uuid)]
    id: RunId,
    #[schema(value_type = Uuid)]
    workspace_id: WorkspaceId,
    /// The seat of the agent at work.
    #[schema(schema_with = lords)]
    agent: Lord,
    /// The agent; `null` for a run that was queued before the council was seated.
    #[schema(value_type = Option<Uuid>, required)]
    agent_id: Option<AgentId>,
    #[schema(schema_with = kinds)]
    kind: RunKind,
    /// What it is about.
    subject: SubjectBody,
    /// `completed`, `failed` and `cancelled` are final.
    #[schema(schema_with = statuses)]
    status: RunStatus,
    /// Who thought of the output, `model` or `baseline`; `null` until there is one.
    #[schema(value_type = Option<String>, required)]
    origin: Option<Origin>,
    /// Why the baseline answered, such as `provider_not_configured`.
    #[schema(required)]
    origin_reason: Option<String>,
    /// What was asked for; its members depend on the kind.
    #[schema(value_type = Object)]
    input: Value,
    /// A summary of what came of it; its members depend on the kind.
    #[schema(value_type = Option<Object>, required)]
    output: Option<Value>,
    /// What language models cost, a decimal number of US dollars.
    #[schema(value_type = String, example = "0.000125")]
    cost_usd: PicoUsd,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<RunErrorBody>,
    /// When it was queued.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When a worker first took it.
    #[schema(value_type = Option<String>, format = DateTime, required)]
    started_at: Option<Timestamp>,
    /// When it ended.
    #[schema(value_type = Option<String>, format = DateTime, required)]
    finished_at: Option<Timestamp>,
    /// The path of its steps.
    steps_url: String,
    /// The path of its progress, as server-sent events.
    stream_url: String,
}

/// What a run is about.
#[derive(Debug, Serialize, ToSchema)]
struct SubjectBody {
    /// Such as `campaign`.
    kind: String,
    id: Uuid,
}

fn kinds() -> Object {
    names(RunKind::ALL.map(RunKind::name))
}

pub(super) fn statuses() -> Object {
    names(RunStatus::ALL.map(RunStatus::name))
}

impl From<AgentRun> for RunBody {
    fn from(run: AgentRun) -> Self {
        Self {
            id: run.id,
            workspace_id: run.workspace_id,
            agent: run.lord,
            agent_id: run.agent_id,
            kind: run.kind,
            subject: SubjectBody { kind: run.kind.subject_kind().to_owned(), id: run.subject_id },
            status: run.status,
            origin: run.origin,
            origin_reason: run.origin_reason,
            input: run.input,
            output: run.output,
            cost_usd: run.cost,
            error: run.error.map(RunErrorBody::from),
            created_at: run.created_at,
            started_at: run.started_at,
            finished_at: run.finished_at,
            steps_url: format!("/api/v1/agents/runs/{}/steps", run.id),
            stream_url: format!("/api/v1/agents/runs/{}/stream", run.id),
        }
    }
}
