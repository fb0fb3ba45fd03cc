//! `PATCH` and `DELETE /api/v1/workspaces/{workspace_id}/members/{user_id}`.

use super::{members::MemberBody, roles};
use crate::http::{
    body::Sent,
    path::PathId,
    problem::Problem,
    reply::{Answer, NoContent, Reply},
    tenant::Tenant,
};
use crate::wiring::Services;
use actix_web::{delete, patch, web};
use kernel::{Role, UserId, WorkspaceId};
use serde::Deserialize;
use utoipa::ToSchema;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewRole {
    /// Not above the caller's own.
    #[schema(schema_with = roles)]
    role: Role,
}

/// Change a member's role.
///
/// Only an owner makes or changes an owner, and the last owner stays one.
#[utoipa::path(tag = "members", operation_id = "change_member", request_body = NewRole,
    responses((status = 200, body = MemberBody)),
    extensions(("x-access" = json!("admin")), ("x-reads" = json!(["workspaces", "memberships", "users", "profiles"])),
        ("x-writes" = json!(["memberships", "events"]))))]
#[patch("/api/v1/workspaces/{workspace_id}/members/{user_id}")]
pub(super) async fn change_member(
    services: web::Data<Services>,
    path: PathId<(WorkspaceId, UserId)>,
    sent: Sent<Tenant, NewRole>,
) -> Answer<MemberBody> {
    let Sent { caller: Tenant { ctx, scope }, body } = sent;
    let member = services.members.change_role(&ctx, &scope, path.0.1, body.role).await?;
    Ok(Reply::ok(member.into()))
}

/// Remove a member, or leave.
///
/// A member may remove themselves; the last owner stays. Open invitations that the person made are revoked.
#[utoipa::path(tag = "members", operation_id = "remove_member", responses((status = 204)),
    extensions(("x-access" = json!("admin")), ("x-reads" = json!(["workspaces", "memberships"])),
        ("x-writes" = json!(["memberships", "invitations", "events"]))))]
#[delete("/api/v1/workspaces/{workspace_id}/members/{user_id}")]
pub(super) async fn remove_member(
    services: web::Data<Services>,
    path: PathId<(WorkspaceId, UserId)>,
    tenant: Tenant,
) -> Result<NoContent, Problem> {
    services.members.remove(&tenant.ctx, &tenant.scope, path.0.1).await?;
    Ok(NoContent)
}
