//! The facts that workspaces tell.

use crate::{
    model::{ApiKey, Budget, Invitation, Membership, Workspace},
    services::{ExportFormat, Refusal},
};
use kernel::{CallContext, Environment, InvitationId, Job, NewEvent, Role, UserId, WorkspaceId};
use serde_json::{Value, json};

/// A workspace and its owner's membership exist. Payload: `name`, `time_zone`, `created_by`.
pub const WORKSPACE_CREATED: &str = "workspace.created";
/// A workspace has other values. Payload: `version`, `changed` (names of the fields).
pub const WORKSPACE_UPDATED: &str = "workspace.updated";
/// A person is a member. Payload: `user_id`, `role`, `invitation_id` (null for somebody who was added).
pub const MEMBER_ADDED: &str = "workspace.member_added";
/// A member has another role. Payload: `user_id`, `from`, `to`.
pub const MEMBER_ROLE_CHANGED: &str = "workspace.member_role_changed";
/// A person is a member no longer. Payload: `user_id`, `role` (the last one).
pub const MEMBER_REMOVED: &str = "workspace.member_removed";
/// An owner has made somebody else the owner and is an admin now. Payload: `from`, `to` (people).
pub const OWNERSHIP_TRANSFERRED: &str = "workspace.ownership_transferred";
/// The owner of an address is invited. Payload: `role`, `invited_by`.
pub const INVITATION_CREATED: &str = "workspace.invitation_created";
/// The invited person is in. Payload: `role` (the one offered), `user_id`.
pub const INVITATION_ACCEPTED: &str = "workspace.invitation_accepted";
/// An invitation was taken back. Payload: `role`, `invited_by`.
pub const INVITATION_REVOKED: &str = "workspace.invitation_revoked";
/// The owner gave the workspace up. Payload: `version`.
pub const WORKSPACE_DELETED: &str = "workspace.deleted";
/// Nothing of a deleted workspace is left but this, in the platform's trail. No payload.
pub const WORKSPACE_PURGED: &str = "workspace.purged";
/// An API key exists. Payload: `name`, `prefix`, `scopes`, `expires_at`.
pub const API_KEY_CREATED: &str = "api_key.created";
/// An API key was taken back. Payload: `name`, `prefix`.
pub const API_KEY_REVOKED: &str = "api_key.revoked";
/// Somebody wants a job again. Payload: `kind`.
pub const JOB_RETRIED: &str = "job.retried";
/// Somebody called a job off. Payload: `kind`.
pub const JOB_CANCELLED: &str = "job.cancelled";
/// The owner set another AI budget. Payload: `limit_usd` (a decimal, or `null` for none), `version`.
pub const BUDGET_CHANGED: &str = "workspace.budget_changed";

/// Somebody took the trail away as a file. Payload: `format`, `filters` (names of those that narrowed it).
pub const AUDIT_EXPORTED: &str = "audit.exported";
/// Somebody in the workspace was refused what they may not do. Payload: `operation`, `code`, `reason`.
pub const ACCESS_DENIED: &str = "access.denied";

/// Every event type of this crate.
pub const TYPES: [&str; 18] = [
    WORKSPACE_CREATED,
    WORKSPACE_UPDATED,
    WORKSPACE_DELETED,
    WORKSPACE_PURGED,
    MEMBER_ADDED,
    MEMBER_ROLE_CHANGED,
    MEMBER_REMOVED,
    OWNERSHIP_TRANSFERRED,
    INVITATION_CREATED,
    INVITATION_ACCEPTED,
    INVITATION_REVOKED,
    API_KEY_CREATED,
    API_KEY_REVOKED,
    JOB_RETRIED,
    JOB_CANCELLED,
    BUDGET_CHANGED,
    AUDIT_EXPORTED,
    ACCESS_DENIED,
];

const SUBJECT: &str = "workspace";
const API_KEY: &str = "api_key";
const JOB: &str = "job";

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

/// Tells of a new member; `by` names the invitation that let them in.
#[must_use]
pub fn member_added(
    env: &Environment,
    ctx: &CallContext,
    membership: &Membership,
    by: Option<InvitationId>,
) -> NewEvent {
    let payload =
        json!({ "user_id": membership.user_id, "role": membership.role.name(), "invitation_id": by });
    of_member(env, ctx, MEMBER_ADDED, membership.user_id, payload)
}

/// Tells of a member's new role.
#[must_use]
pub fn member_role_changed(
    env: &Environment,
    ctx: &CallContext,
    user: UserId,
    (from, to): (Role, Role),
) -> NewEvent {
    let payload = json!({ "user_id": user, "from": from.name(), "to": to.name() });
    of_member(env, ctx, MEMBER_ROLE_CHANGED, user, payload)
}

/// Tells that a person is a member no longer.
#[must_use]
pub fn member_removed(env: &Environment, ctx: &CallContext, membership: &Membership) -> NewEvent {
    let payload = json!({ "user_id": membership.user_id, "role": membership.role.name() });
    of_member(env, ctx, MEMBER_REMOVED, membership.user_id, payload)
}

/// Tells that the workspace has another owner.
#[must_use]
pub fn ownership_transferred(
    env: &Environment,
    ctx: &CallContext,
    from: &Membership,
    to: &Membership,
) -> NewEvent {
    let payload = json!({ "from": from.user_id, "to": to.user_id });
    NewEvent::new(env, ctx, OWNERSHIP_TRANSFERRED, (SUBJECT, to.workspace_id.uuid()), payload)
}

/// Tells of a new invitation.
#[must_use]
pub fn invitation_created(env: &Environment, ctx: &CallContext, invitation: &Invitation) -> NewEvent {
    let payload = json!({ "role": invitation.role.name(), "invited_by": invitation.invited_by });
    of_invitation(env, ctx, INVITATION_CREATED, invitation, payload)
}

/// Tells who has accepted an invitation.
#[must_use]
pub fn invitation_accepted(
    env: &Environment,
    ctx: &CallContext,
    invitation: &Invitation,
    by: UserId,
) -> NewEvent {
    let payload = json!({ "role": invitation.role.name(), "user_id": by });
    of_invitation(env, ctx, INVITATION_ACCEPTED, invitation, payload)
}

/// Tells that an invitation was taken back.
#[must_use]
pub fn invitation_revoked(env: &Environment, ctx: &CallContext, invitation: &Invitation) -> NewEvent {
    let payload = json!({ "role": invitation.role.name(), "invited_by": invitation.invited_by });
    of_invitation(env, ctx, INVITATION_REVOKED, invitation, payload)
}

fn of_member(
    env: &Environment,
    ctx: &CallContext,
    event_type: &'static str,
    user: UserId,
    payload: Value,
) -> NewEvent {
    NewEvent::new(env, ctx, event_type, ("member", user.uuid()), payload)
}

fn of_invitation(
    env: &Environment,
    ctx: &CallContext,
    event_type: &'static str,
    invitation: &Invitation,
    payload: Value,
) -> NewEvent {
    NewEvent::new(env, ctx, event_type, ("invitation", invitation.id.uuid()), payload)
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

/// Tells that a job is wanted again.
#[must_use]
pub fn job_retried(env: &Environment, ctx: &CallContext, job: &Job) -> NewEvent {
    NewEvent::new(env, ctx, JOB_RETRIED, (JOB, job.id.uuid()), json!({ "kind": job.kind }))
}

/// Tells that a job was called off.
#[must_use]
pub fn job_cancelled(env: &Environment, ctx: &CallContext, job: &Job) -> NewEvent {
    NewEvent::new(env, ctx, JOB_CANCELLED, (JOB, job.id.uuid()), json!({ "kind": job.kind }))
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

/// Tells that a workspace is gone.
#[must_use]
pub fn deleted(env: &Environment, ctx: &CallContext, workspace: &Workspace) -> NewEvent {
    let payload = json!({ "version": workspace.version });
    NewEvent::new(env, ctx, WORKSPACE_DELETED, (SUBJECT, workspace.id.uuid()), payload)
}

/// Tells that a workspace is forgotten.
#[must_use]
pub fn purged(env: &Environment, ctx: &CallContext, workspace: WorkspaceId) -> NewEvent {
    NewEvent::new(env, ctx, WORKSPACE_PURGED, (SUBJECT, workspace.uuid()), json!({}))
}
