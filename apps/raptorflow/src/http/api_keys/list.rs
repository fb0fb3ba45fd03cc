//! `GET /api/v1/workspaces/{workspace_id}/api-keys`.

use crate::http::{
    listing::{Listing, PageBody, PageParams},
    reply::Answer,
    tenant::Tenant,
};
use crate::wiring::Services;
use actix_web::{get, web};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;
use workspace::ApiKey;

#[derive(Serialize, ToSchema)]
#[schema(as = ApiKey)]
struct ApiKeyBody {
    id: Uuid,
    name: String,
    /// How the key begins.
    prefix: String,
    scopes: Vec<String>,
    /// Who made it; it acts with their role.
    created_by: Uuid,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    expires_at: String,
    /// To the minute; `null` before its first use.
    #[schema(value_type = Option<String>, format = DateTime, required)]
    last_used_at: Option<String>,
    /// `null` unless it was taken back.
    #[schema(value_type = Option<String>, format = DateTime, required)]
    revoked_at: Option<String>,
}

impl From<ApiKey> for ApiKeyBody {
    fn from(key: ApiKey) -> Self {
        Self {
            id: key.id.uuid(),
            name: key.name,
            prefix: key.prefix,
            scopes: key.scopes.into(),
            created_by: key.created_by.uuid(),
            created_at: key.created_at.to_string(),
            expires_at: key.expires_at.to_string(),
            last_used_at: key.last_used_at.map(|at| at.to_string()),
            revoked_at: key.revoked_at.map(|at| at.to_string()),
        }
    }
}

/// The workspace's API keys, the newest first; those that ended too.
#[utoipa::path(tag = "api_keys", operation_id = "list_api_keys", params(PageParams),
    responses((status = 200, body = PageBody<ApiKeyBody>)),
    extensions(("x-access" = json!("admin")), ("x-reads" = json!(["api_keys"]))))]
#[get("/api/v1/workspaces/{workspace_id}/api-keys")]
pub(super) async fn list_api_keys(
    services: web::Data<Services>,
    tenant: Tenant,
    list: Listing,
) -> Answer<PageBody<ApiKeyBody>> {
    let page = services.api_keys.list(&tenant.scope, &list.page(&tenant)?).await?;
    Ok(list.answer(&tenant, page.map(ApiKeyBody::from)))
}
