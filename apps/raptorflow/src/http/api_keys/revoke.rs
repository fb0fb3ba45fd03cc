//! `DELETE /api/v1/workspaces/{workspace_id}/api-keys/{key_id}`.

use crate::http::{path::PathId, problem::Problem, reply::NoContent, tenant::Tenant};
use crate::wiring::Services;
use actix_web::{delete, web};
use kernel::{ApiKeyId, WorkspaceId};

/// Take an API key back; its next call is refused.
#[utoipa::path(tag = "api_keys", operation_id = "revoke_api_key", responses((status = 204)),
    extensions(("x-access" = json!("admin")), ("x-reads" = json!(["api_keys"])),
        ("x-writes" = json!(["api_keys", "events"]))))]
#[delete("/api/v1/workspaces/{workspace_id}/api-keys/{key_id}")]
pub(super) async fn revoke_api_key(
    services: web::Data<Services>,
    tenant: Tenant,
    id: PathId<(WorkspaceId, ApiKeyId)>,
) -> Result<NoContent, Problem> {
    let PathId((_, key)) = id;
    services.api_keys.revoke(&tenant.ctx, &tenant.scope, key).await?;
    Ok(NoContent)
}
