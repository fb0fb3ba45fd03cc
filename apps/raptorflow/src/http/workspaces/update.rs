//! `PUT /api/v1/workspaces/{workspace_id}`.

use super::WorkspaceBody;
use crate::http::{
    body::Sent,
    precondition::{IfMatch, IfMatchHeader},
    reply::{Answer, Reply},
    tenant::Tenant,
};
use crate::wiring::Services;
use actix_web::{put, web};
use serde::Deserialize;
use utoipa::ToSchema;
use workspace::services::UpdateWorkspace;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct WorkspaceChange {
    #[schema(min_length = 1, max_length = 120)]
    name: Option<String>,
    #[schema(format = "slug", min_length = 3, max_length = 48)]
    slug: Option<String>,
    /// An IANA name such as `Europe/London`.
    #[schema(format = "time-zone")]
    time_zone: Option<String>,
    /// Replaces the settings whole.
    #[schema(value_type = Option<Object>)]
    settings: Option<serde_json::Value>,
}

/// Change a workspace; what is absent stays.
#[utoipa::path(tag = "workspaces", operation_id = "update_workspace", params(IfMatchHeader),
    request_body = WorkspaceChange, responses((status = 200, body = WorkspaceBody)),
    extensions(("x-access" = json!("admin")), ("x-reads" = json!(["workspaces", "memberships"])),
        ("x-writes" = json!(["workspaces", "events"]))))]
#[put("/api/v1/workspaces/{workspace_id}")]
pub(super) async fn update_workspace(
    services: web::Data<Services>,
    expected: IfMatch,
    sent: Sent<Tenant, WorkspaceChange>,
) -> Answer<WorkspaceBody> {
    let Sent { caller: Tenant { ctx, scope }, body } = sent;
    let change = UpdateWorkspace {
        name: body.name,
        slug: body.slug,
        time_zone: body.time_zone,
        settings: body.settings,
    };
    let workspace = services.workspaces.update(&ctx, &scope, change, expected.0).await?;
    let version = workspace.version;
    Ok(Reply::ok(WorkspaceBody::of(workspace, scope.role())).version(version))
}
