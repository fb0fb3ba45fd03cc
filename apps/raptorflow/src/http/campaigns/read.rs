use super::CampaignBody;
use crate::http::listing::{ById, Listing, PageBody, PageParams};
use crate::http::path::PathId;
use crate::http::reply::{Answer, Reply};
use crate::http::tenant::Tenant;
use crate::wiring::Services;
use actix_web::{get, web};
use kernel::CampaignId;

/// List campaigns
///
/// The newest first.
#[utoipa::path(tag = "campaigns", operation_id = "list_campaigns", params(PageParams),
    responses((status = 200, body = PageBody<CampaignBody>)),
    extensions(("x-access" = json!("member")), ("x-reads" = json!(["campaigns"]))))]
#[get("/api/v1/campaigns/list")]
pub(super) async fn list_campaigns(
    services: web::Data<Services>,
    tenant: Tenant,
    list: Listing,
) -> Answer<PageBody<CampaignBody>> {
    let page = services.campaigns.list(&tenant.scope, &list.page::<ById>(&tenant)?).await?;
    Ok(list.answer(&tenant, page.map(CampaignBody::from)))
}

/// Read a campaign
#[utoipa::path(tag = "campaigns", operation_id = "read_campaign", responses((status = 200, body = CampaignBody)),
    extensions(("x-access" = json!("member")), ("x-reads" = json!(["campaigns"]))))]
#[get("/api/v1/campaigns/{campaign_id}")]
pub(super) async fn read_campaign(
    services: web::Data<Services>,
    tenant: Tenant,
    campaign: PathId<CampaignId>,
) -> Answer<CampaignBody> {
    let campaign = services.campaigns.get(&tenant.scope, campaign.0).await?;
    let version = campaign.version;
    Ok(Reply::ok(campaign.into()).version(version))
}
