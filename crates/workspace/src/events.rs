//! The facts that workspaces tell.

use crate::model::Workspace;
use kernel::{CallContext, Environment, NewEvent};
use serde_json::json;

/// A workspace and its owner's membership exist. Payload: `name`, `time_zone`, `created_by`.
pub const WORKSPACE_CREATED: &str = "workspace.created";
/// A workspace has other values. Payload: `version`, `changed` (names of the fields).
pub const WORKSPACE_UPDATED: &str = "workspace.updated";

/// Every event type of this crate.
pub const TYPES: [&str; 2] = [WORKSPACE_CREATED, WORKSPACE_UPDATED];

const SUBJECT: &str = "workspace";

/// Tells of a new workspace.
#[must_use]
pub fn created(env: &Environment, ctx: &CallContext, workspace: &Workspace) -> NewEvent {
    let payload = json!({
        "name": workspace.name,
        "time_zone": workspace.time_zone.name(),
        "created_by": ctx.actor.user(),
    });
    NewEvent::new(env, ctx, WORKSPACE_CREATED, (SUBJECT, workspace.id.uuid()), payload)
}

/// Tells which fields of a workspace have changed.
#[must_use]
pub fn updated(env: &Environment, ctx: &CallContext, workspace: &Workspace, changed: &[&str]) -> NewEvent {
    let payload = json!({ "version": workspace.version, "changed": changed });
    NewEvent::new(env, ctx, WORKSPACE_UPDATED, (SUBJECT, workspace.id.uuid()), payload)
}
