//! `GET /api/v1/workspaces/{workspace_id}`.

use super::WorkspaceBody;
use crate::http::{
    reply::{Answer, Reply},
    tenant::Tenant,
};
use crate::wiring::Services;
use actix_web::{get, web};

/// One workspace.
#[utoipa::path(tag = "workspaces", operation_id = "get_workspace", responses((status = 200, body = WorkspaceBody)),
    extensions(("x-access" = json!("member")), ("x-reads" = json!(["workspaces", "memberships"]))))]
#[get("/api/v1/workspaces/{workspace_id}")]
pub(super) async fn get_workspace(services: web::Data<Services>, tenant: Tenant) -> Answer<WorkspaceBody> {
    let workspace = services.workspaces.get(&tenant.scope).await?;
    let version = workspace.version;
    Ok(Reply::ok(WorkspaceBody::of(workspace, tenant.scope.role())).version(version))
}
