//! `GET /api/v1/bcm/{workspace_id}`, and a version on the wire.

use super::{SummaryBody, content::DocumentBody};
use crate::http::{
    reply::{Answer, Reply},
    tenant::Tenant,
};
use crate::wiring::Services;
use actix_web::{get, web};
use bcm::ContextVersion;
use kernel::StoreError;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

/// A version of the business context.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BusinessContext)]
pub(super) struct VersionBody {
    workspace_id: Uuid,
    #[serde(flatten)]
    summary: SummaryBody,
    /// What the hash covers: as it was stored, not as this program would write it.
    #[schema(value_type = DocumentBody)]
    document: Value,
}

impl VersionBody {
    /// Answers a version.
    pub(super) fn reply(version: ContextVersion) -> Answer<Self> {
        let (workspace_id, number) = (version.workspace_id.uuid(), version.number);
        let document = serde_json::from_str(&version.document);
        let document = document.map_err(|error| StoreError::Corrupt(error.to_string()))?;
        let body = Self { workspace_id, document, summary: bcm::ContextSummary::from(version).into() };
        Ok(Reply::ok(body).version(number))
    }
}

/// The current version of the business context.
///
/// Answers 404 before onboarding is finalised.
#[utoipa::path(tag = "bcm", operation_id = "get_business_context", responses((status = 200, body = VersionBody)),
    extensions(("x-access" = json!("member")), ("x-reads" = json!(["business_contexts", "context_versions"]))))]
#[get("/api/v1/bcm/{workspace_id}")]
pub(super) async fn get_business_context(
    services: web::Data<Services>,
    tenant: Tenant,
) -> Answer<VersionBody> {
    VersionBody::reply(services.contexts.current(&tenant.scope).await?)
}
