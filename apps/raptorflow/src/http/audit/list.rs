//! `GET /api/v1/workspaces/{workspace_id}/audit-logs`.

use super::{AuditEntryBody, filter::TrailFilter};
use crate::http::{
    listing::{Listing, PageBody, PageParams},
    reply::Answer,
    tenant::Tenant,
};
use crate::wiring::Services;
use actix_web::{get, web};

/// The workspace's audit trail, the newest fact first.
///
/// Every change is in it, and what members and keys tried and may not do (`access.denied`).
#[utoipa::path(tag = "audit", operation_id = "list_audit_logs", params(PageParams, TrailFilter),
    responses((status = 200, body = PageBody<AuditEntryBody>)),
    extensions(("x-access" = json!("admin")), ("x-reads" = json!(["events"]))))]
#[get("/api/v1/workspaces/{workspace_id}/audit-logs")]
pub(super) async fn list_audit_logs(
    services: web::Data<Services>,
    tenant: Tenant,
    list: Listing<TrailFilter>,
) -> Answer<PageBody<AuditEntryBody>> {
    let page = services.audit.list(&tenant.scope, &list.filter.facts(), &list.page(&tenant)?).await?;
    Ok(list.answer(&tenant, page.map(AuditEntryBody::from)))
}
