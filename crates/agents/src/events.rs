//! The facts this crate tells.

use crate::{AgentRun, AgentStep, Lord, dispatch::Provider};
use kernel::{CallContext, Environment, NewEvent, WorkspaceId};
use serde_json::{Value, json};

/// Lords took their seats. Payload: `lords`.
pub const COUNCIL_SEEDED: &str = "council.seeded";
/// A run waits for a worker. Payload of all run events: `kind`, `lord`, `subject_kind`, `subject_id`, `status`.
pub const RUN_QUEUED: &str = "agent_run.queued";
/// A worker took it.
pub const RUN_STARTED: &str = "agent_run.started";
/// A step is in the journal. Payload: `number`, `name`, `status`, `origin`.
pub const RUN_STEP_FINISHED: &str = "agent_run.step_finished";
/// A run has its result. Payload also: `origin`, `origin_reason`, `output`.
pub const RUN_COMPLETED: &str = "agent_run.completed";
/// A run ended without a result. Payload also: `error`.
pub const RUN_FAILED: &str = "agent_run.failed";
/// A provider is asked with a key of the actor's own from now on. Payload: `provider`.
pub const PROVIDER_KEY_LENT: &str = "provider_key.lent";
/// It is asked with the installation's again. Payload: `provider`.
pub const PROVIDER_KEY_WITHDRAWN: &str = "provider_key.withdrawn";

/// Every event type of this crate.
pub const TYPES: [&str; 8] = [
    COUNCIL_SEEDED,
    RUN_QUEUED,
    RUN_STARTED,
    RUN_STEP_FINISHED,
    RUN_COMPLETED,
    RUN_FAILED,
    PROVIDER_KEY_LENT,
    PROVIDER_KEY_WITHDRAWN,
];

pub(crate) fn council_seeded(
    env: &Environment,
    ctx: &CallContext,
    workspace: WorkspaceId,
    lords: &[Lord],
) -> NewEvent {
    NewEvent::new(env, ctx, COUNCIL_SEEDED, ("workspace", workspace.uuid()), json!({ "lords": lords }))
}

/// About the workspace: whoever remembers what is known of it looks again.
pub(crate) fn of_provider_key(
    env: &Environment,
    ctx: &CallContext,
    event_type: &'static str,
    workspace: WorkspaceId,
    provider: Provider,
) -> NewEvent {
    NewEvent::new(env, ctx, event_type, ("workspace", workspace.uuid()), json!({ "provider": provider }))
}

pub(crate) fn of_run(
    env: &Environment,
    ctx: &CallContext,
    event_type: &'static str,
    run: &AgentRun,
) -> NewEvent {
    let mut payload = json!({
        "kind": run.kind,
        "lord": run.lord,
        "subject_kind": run.kind.subject_kind(),
        "subject_id": run.subject_id,
        "status": run.status,
    });
    if let (Some(origin), Value::Object(members)) = (run.origin, &mut payload) {
        members.insert("origin".to_owned(), json!(origin));
        members.insert("origin_reason".to_owned(), json!(run.origin_reason));
        members.insert("output".to_owned(), json!(run.output));
    }
    if let (Some(error), Value::Object(members)) = (&run.error, &mut payload) {
        members.insert("error".to_owned(), json!(error));
    }
    NewEvent::new(env, ctx, event_type, ("agent_run", run.id.uuid()), payload)
}

pub(crate) fn step_finished(env: &Environment, ctx: &CallContext, step: &AgentStep) -> NewEvent {
    let payload = json!({
        "number": step.number, "name": step.name, "status": step.status, "origin": step.origin,
    });
    NewEvent::new(env, ctx, RUN_STEP_FINISHED, ("agent_run", step.run_id.uuid()), payload)
}
