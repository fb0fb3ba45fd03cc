//! `GET /api/v1/foundation`.

use super::content::FoundationBody;
use crate::http::{
    reply::{Answer, Reply},
    tenant::Tenant,
};
use crate::wiring::Services;
use actix_web::{get, web};
use bcm::Foundation;

/// The workspace's foundation.
///
/// Answers 404 before onboarding is finalised.
#[utoipa::path(tag = "bcm", operation_id = "get_foundation", responses((status = 200, body = FoundationBody)),
    extensions(("x-access" = json!("member")), ("x-reads" = json!(["foundations"]))))]
#[get("/api/v1/foundation")]
pub(super) async fn get_foundation(services: web::Data<Services>, tenant: Tenant) -> Answer<Foundation> {
    let foundation = services.foundations.get(&tenant.scope).await?;
    let version = foundation.version;
    Ok(Reply::ok(foundation).version(version))
}
