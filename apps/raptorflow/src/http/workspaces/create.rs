//! `POST /api/v1/workspaces`.

use super::WorkspaceBody;
use crate::http::{
    body::Sent,
    caller::User,
    idempotency::IdempotencyKeyHeader,
    reply::{Answer, Reply},
};
use crate::wiring::Services;
use actix_web::{post, web};
use serde::Deserialize;
use utoipa::ToSchema;
use workspace::services::CreateWorkspace;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewWorkspace {
    #[schema(min_length = 1, max_length = 120)]
    name: String,
    /// 3 to 48 of `a-z`, `0-9` and single hyphens; made of the name when absent.
    #[schema(format = "slug", min_length = 3, max_length = 48)]
    slug: Option<String>,
    /// An IANA name such as `Europe/London`; UTC when absent, until onboarding names one.
    #[schema(format = "time-zone")]
    time_zone: Option<String>,
}

/// Make a workspace; the caller becomes its owner.
///
/// Its council of agents is seated soon after, by a job.
#[utoipa::path(tag = "workspaces", operation_id = "create_workspace", params(IdempotencyKeyHeader), request_body = NewWorkspace,
    responses((status = 201, body = WorkspaceBody)),
    extensions(("x-access" = json!("user")), ("x-reads" = json!(["workspaces", "memberships"])),
        ("x-writes" = json!(["workspaces", "memberships", "events", "idempotency_records"]))))]
#[post("/api/v1/workspaces")]
pub(super) async fn create_workspace(
    services: web::Data<Services>,
    sent: Sent<User, NewWorkspace>,
) -> Answer<WorkspaceBody> {
    let Sent { caller, body } = sent;
    let new = CreateWorkspace { name: body.name, slug: body.slug, time_zone: body.time_zone };
    let made = services.workspaces.create(&caller.ctx, &caller.scope, new).await?;
    let (id, version) = (made.workspace.id, made.workspace.version);
    let body = WorkspaceBody::of(made.workspace, made.role);
    Ok(Reply::created(body).version(version).location(format!("/api/v1/workspaces/{id}")))
}
