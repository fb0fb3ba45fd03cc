//! `GET /api/v1/bcm/{workspace_id}/integrity`.

use crate::http::{
    reply::{Answer, Reply},
    tenant::Tenant,
};
use crate::wiring::Services;
use actix_web::{get, web};
use bcm::Integrity;
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BusinessContextIntegrity)]
struct IntegrityBody {
    /// Whether every version is as it was written, in its place, and none is missing.
    ok: bool,
    checked_versions: u32,
    /// The lowest number that is changed, in another's place, or missing; absent when all is well.
    #[serde(skip_serializing_if = "Option::is_none")]
    first_broken_version: Option<i32>,
}

impl From<Integrity> for IntegrityBody {
    fn from(found: Integrity) -> Self {
        Self {
            ok: found.ok,
            checked_versions: found.checked_versions,
            first_broken_version: found.first_broken_version,
        }
    }
}

/// Check the chain of versions.
///
/// Recomputes the hash of every version. A workspace without a context has nothing broken.
#[utoipa::path(tag = "bcm", operation_id = "check_business_context_integrity",
    responses((status = 200, body = IntegrityBody)),
    extensions(("x-access" = json!("member")), ("x-reads" = json!(["business_contexts", "context_versions"]))))]
#[get("/api/v1/bcm/{workspace_id}/integrity")]
pub(super) async fn check_business_context_integrity(
    services: web::Data<Services>,
    tenant: Tenant,
) -> Answer<IntegrityBody> {
    Ok(Reply::ok(services.contexts.integrity(&tenant.scope).await?.into()))
}
