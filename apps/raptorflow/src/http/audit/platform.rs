//! `GET /api/v1/audit-logs`.

use super::{AuditEntryBody, filter::PlatformFilter};
use crate::http::{
    caller::User,
    listing::{ById, Listing, PageBody, PageParams},
    reply::Answer,
};
use crate::wiring::Services;
use ::workspace::PlatformAuditFilter;
use actix_web::{get, web};

/// The whole platform's audit trail, the newest fact first.
///
/// Workspaces' and persons' own. It is narrowed, not resolved, by `workspace_id`: any workspace may be named.
#[utoipa::path(tag = "audit", operation_id = "list_platform_audit_logs", params(PageParams, PlatformFilter),
    responses((status = 200, body = PageBody<AuditEntryBody>)),
    extensions(("x-access" = json!("platform_admin")), ("x-reads" = json!(["users", "profiles", "events"]))))]
#[get("/api/v1/audit-logs")]
pub(super) async fn list_platform_audit_logs(
    services: web::Data<Services>,
    user: User,
    list: Listing<PlatformFilter>,
) -> Answer<PageBody<AuditEntryBody>> {
    let filter = PlatformAuditFilter {
        facts: list.filter.facts(),
        workspace_id: list.filter.workspace_id.map(Into::into),
        user_id: list.filter.user_id.map(Into::into),
    };
    let page = services.audit.list_all(&user.ctx, &filter, &list.page::<ById>(&user)?).await?;
    Ok(list.answer(&user, page.map(AuditEntryBody::from)))
}
