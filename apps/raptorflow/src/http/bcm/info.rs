//! `GET /api/v1/bcm/{workspace_id}/info`.

use super::SummaryBody;
use crate::http::{
    reply::{Answer, Reply},
    tenant::Tenant,
};
use crate::wiring::Services;
use actix_web::{get, web};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BusinessContextInfo)]
struct InfoBody {
    workspace_id: Uuid,
    #[serde(flatten)]
    current: SummaryBody,
    /// How many ideal customers the document names.
    icps: usize,
    /// Paths of what nobody has told yet.
    gaps: Vec<String>,
    /// How long the document is as canonical JSON.
    document_bytes: usize,
}

/// The current version of the business context in figures.
#[utoipa::path(tag = "bcm", operation_id = "get_business_context_info", responses((status = 200, body = InfoBody)),
    extensions(("x-access" = json!("member")), ("x-reads" = json!(["business_contexts", "context_versions"]))))]
#[get("/api/v1/bcm/{workspace_id}/info")]
pub(super) async fn get_business_context_info(
    services: web::Data<Services>,
    tenant: Tenant,
) -> Answer<InfoBody> {
    let info = services.contexts.info(&tenant.scope).await?;
    let number = info.current.number;
    let body = InfoBody {
        workspace_id: tenant.scope.workspace().uuid(),
        current: info.current.into(),
        icps: info.icps,
        gaps: info.gaps,
        document_bytes: info.document_bytes,
    };
    Ok(Reply::ok(body).version(number))
}
