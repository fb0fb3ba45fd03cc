use super::{MoveBody, statuses};
use crate::http::listing::{Listing, PageBody, PageParams};
use crate::http::path::PathId;
use crate::http::reply::Answer;
use crate::http::tenant::Tenant;
use crate::wiring::Services;
use actix_web::{get, web};
use campaign::MoveStatus;
use campaign::ports::MoveFilter;
use kernel::CampaignId;
use serde::Deserialize;

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct ByCampaignAndStatus {
    /// Moves of this campaign only.
    #[param(value_type = Option<uuid::Uuid>)]
    campaign_id: Option<CampaignId>,
    /// Moves in this status only.
    #[param(schema_with = statuses, required = false)]
    status: Option<MoveStatus>,
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct ByStatus {
    /// Moves in this status only.
    #[param(schema_with = statuses, required = false)]
    status: Option<MoveStatus>,
}

/// List moves
///
/// By the day on which they are due.
#[utoipa::path(tag = "moves", operation_id = "list_moves", params(PageParams, ByCampaignAndStatus),
    responses((status = 200, body = PageBody<MoveBody>)),
    extensions(("x-access" = json!("member")), ("x-reads" = json!(["campaigns", "moves"]))))]
#[get("/api/v1/moves")]
pub(super) async fn list_moves(
    services: web::Data<Services>,
    tenant: Tenant,
    list: Listing<ByCampaignAndStatus>,
) -> Answer<PageBody<MoveBody>> {
    let filter = MoveFilter { campaign: list.filter.campaign_id, status: list.filter.status };
    answer(&services, &tenant, &list, filter).await
}

/// List a campaign's moves
///
/// By the day on which they are due.
#[utoipa::path(tag = "moves", operation_id = "list_moves_of_campaign", params(PageParams, ByStatus),
    responses((status = 200, body = PageBody<MoveBody>)),
    extensions(("x-access" = json!("member")), ("x-reads" = json!(["campaigns", "moves"]))))]
#[get("/api/v1/campaigns/{campaign_id}/moves")]
pub(super) async fn list_moves_of_campaign(
    services: web::Data<Services>,
    tenant: Tenant,
    campaign: PathId<CampaignId>,
    list: Listing<ByStatus>,
) -> Answer<PageBody<MoveBody>> {
    let filter = MoveFilter { campaign: Some(campaign.0), status: list.filter.status };
    answer(&services, &tenant, &list, filter).await
}

async fn answer<F>(
    services: &Services,
    tenant: &Tenant,
    list: &Listing<F>,
    filter: MoveFilter,
) -> Answer<PageBody<MoveBody>> {
    let page = services.moves.list(&tenant.scope, filter, &list.page(tenant)?).await?;
    Ok(list.answer(tenant, page.map(MoveBody::from)))
}
