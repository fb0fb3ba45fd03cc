//! The facts that workspaces tell.

use crate::{
    model::Workspace,
    services::{ExportFormat, Refusal},
};
use kernel::{CallContext, Environment, NewEvent, WorkspaceId};
use serde_json::json;

/// A workspace and its owner's membership exist. Payload: `name`, `time_zone`, `created_by`.
pub const WORKSPACE_CREATED: &str = "workspace.created";
/// A workspace has other values. Payload: `version`, `changed` (names of the fields).
pub const WORKSPACE_UPDATED: &str = "workspace.updated";

/// Somebody took the trail away as a file. Payload: `format`, `filters` (names of those that narrowed it).
pub const AUDIT_EXPORTED: &str = "audit.exported";
/// Somebody in the workspace was refused what they may not do. Payload: `operation`, `code`, `reason`.
pub const ACCESS_DENIED: &str = "access.denied";

/// Every event type of this crate.
pub const TYPES: [&str; 4] = [WORKSPACE_CREATED, WORKSPACE_UPDATED, AUDIT_EXPORTED, ACCESS_DENIED];

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

/// Tells of a trail that was taken away.
#[must_use]
pub fn audit_exported(
    env: &Environment,
    ctx: &CallContext,
    workspace: WorkspaceId,
    format: ExportFormat,
    filters: &[&str],
) -> NewEvent {
    let payload = json!({ "format": format.name(), "filters": filters });
    NewEvent::new(env, ctx, AUDIT_EXPORTED, (SUBJECT, workspace.uuid()), payload)
}

/// Tells of a refusal.
#[must_use]
pub fn access_denied(
    env: &Environment,
    ctx: &CallContext,
    workspace: WorkspaceId,
    refusal: &Refusal,
) -> NewEvent {
    let payload = json!({ "operation": refusal.operation, "code": refusal.code, "reason": refusal.reason });
    NewEvent::new(env, ctx, ACCESS_DENIED, (SUBJECT, workspace.uuid()), payload)
}
