//! `GET /api/v1/icps` and `/icps/{icp_id}`.

use super::content::IcpBody;
use crate::http::{
    listing::{Listing, PageBody, PageParams},
    path::PathId,
    reply::{Answer, Reply},
    tenant::Tenant,
};
use crate::wiring::Services;
use actix_web::{get, web};
use bcm::Icp;
use kernel::IcpId;

/// The workspace's ideal customer profiles, oldest first.
#[utoipa::path(tag = "bcm", operation_id = "list_icps", params(PageParams),
    responses((status = 200, body = PageBody<IcpBody>)),
    extensions(("x-access" = json!("member")), ("x-reads" = json!(["icps"]))))]
#[get("/api/v1/icps")]
pub(super) async fn list_icps(
    services: web::Data<Services>,
    tenant: Tenant,
    list: Listing,
) -> Answer<PageBody<Icp>> {
    let page = services.icps.list(&tenant.scope, &list.page(&tenant)?).await?;
    Ok(list.answer(&tenant, page))
}

/// One ideal customer profile.
#[utoipa::path(tag = "bcm", operation_id = "get_icp", responses((status = 200, body = IcpBody)),
    extensions(("x-access" = json!("member")), ("x-reads" = json!(["icps"]))))]
#[get("/api/v1/icps/{icp_id}")]
pub(super) async fn get_icp(services: web::Data<Services>, tenant: Tenant, id: PathId<IcpId>) -> Answer<Icp> {
    let icp = services.icps.get(&tenant.scope, id.0).await?;
    let version = icp.version;
    Ok(Reply::ok(icp).version(version))
}
