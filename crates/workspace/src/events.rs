//! The facts that workspaces tell.

use crate::model::{ApiKey, Budget, Workspace};
use kernel::{CallContext, Environment, NewEvent, WorkspaceId};
use serde_json::json;

/// A workspace and its owner's membership exist. Payload: `name`, `time_zone`, `created_by`.
pub const WORKSPACE_CREATED: &str = "workspace.created";
/// A workspace has other values. Payload: `version`, `changed` (names of the fields).
pub const WORKSPACE_UPDATED: &str = "workspace.updated";
/// An API key exists. Payload: `name`, `prefix`, `scopes`, `expires_at`.
pub const API_KEY_CREATED: &str = "api_key.created";
/// An API key was taken back. Payload: `name`, `prefix`.
pub const API_KEY_REVOKED: &str = "api_key.revoked";
/// The owner set another AI budget. Payload: `limit_usd` (a decimal, or `null` for none), `version`.
pub const BUDGET_CHANGED: &str = "workspace.budget_changed";

/// Every event type of this crate.
pub const TYPES: [&str; 5] =
    [WORKSPACE_CREATED, WORKSPACE_UPDATED, API_KEY_CREATED, API_KEY_REVOKED, BUDGET_CHANGED];

const SUBJECT: &str = "workspace";
const API_KEY: &str = "api_key";

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

/// Tells of a new API key.
#[must_use]
pub fn key_created(env: &Environment, ctx: &CallContext, key: &ApiKey) -> NewEvent {
    let payload = json!({
        "name": key.name,
        "prefix": key.prefix,
        "scopes": key.scopes,
        "expires_at": key.expires_at,
    });
    NewEvent::new(env, ctx, API_KEY_CREATED, (API_KEY, key.id.uuid()), payload)
}

/// Tells that an API key was taken back.
#[must_use]
pub fn key_revoked(env: &Environment, ctx: &CallContext, key: &ApiKey) -> NewEvent {
    let payload = json!({ "name": key.name, "prefix": key.prefix });
    NewEvent::new(env, ctx, API_KEY_REVOKED, (API_KEY, key.id.uuid()), payload)
}

/// Tells of another AI budget.
#[must_use]
pub fn budget_changed(
    env: &Environment,
    ctx: &CallContext,
    workspace: WorkspaceId,
    budget: &Budget,
) -> NewEvent {
    let payload = json!({ "limit_usd": budget.limit, "version": budget.version });
    NewEvent::new(env, ctx, BUDGET_CHANGED, (SUBJECT, workspace.uuid()), payload)
}
