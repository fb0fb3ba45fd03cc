//! `DELETE /api/v1/workspaces/{workspace_id}`.

use crate::http::{
    fresh::Fresh,
    precondition::{IfMatch, IfMatchHeader},
    problem::Problem,
    reply::NoContent,
    tenant::Tenant,
};
use crate::wiring::Services;
use actix_web::{delete, web};

/// Delete a workspace.
///
/// It is gone at once, for everybody and for its API keys; its data is purged after 30 days. Needs a login of the last 15
/// minutes.
#[utoipa::path(tag = "workspaces", operation_id = "delete_workspace", params(IfMatchHeader),
    responses((status = 204)),
    extensions(("x-access" = json!("owner")), ("x-reads" = json!(["workspaces", "memberships"])),
        ("x-writes" = json!(["workspaces", "events", "jobs"]))))]
#[delete("/api/v1/workspaces/{workspace_id}")]
pub(super) async fn delete_workspace(
    services: web::Data<Services>,
    expected: IfMatch,
    fresh: Fresh,
) -> Result<NoContent, Problem> {
    let Fresh(Tenant { ctx, scope }) = fresh;
    services.workspaces.delete(&ctx, &scope, expected.0).await?;
    Ok(NoContent)
}
