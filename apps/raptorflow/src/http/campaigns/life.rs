use super::CampaignBody;
use crate::http::body::{Nothing, Sent};
use crate::http::path::PathId;
use crate::http::precondition::{IfMatch, IfMatchHeader};
use crate::http::reply::{Answer, Reply};
use crate::http::tenant::Tenant;
use crate::wiring::Services;
use actix_web::{post, web};
use campaign::Campaign;
use kernel::CampaignId;

fn reply(campaign: Campaign) -> Reply<CampaignBody> {
    let version = campaign.version;
    Reply::ok(campaign.into()).version(version)
}

/// Put a campaign aside
///
/// From `active`; its moves bring no daily wins until it is resumed.
#[utoipa::path(tag = "campaigns", operation_id = "pause_campaign", params(IfMatchHeader), request_body = Nothing,
    responses((status = 200, body = CampaignBody)),
    extensions(("x-access" = json!("member")), ("x-writes" = json!(["campaigns", "events"]))))]
#[post("/api/v1/campaigns/{campaign_id}/pause")]
pub(super) async fn pause_campaign(
    services: web::Data<Services>,
    campaign: PathId<CampaignId>,
    expected: IfMatch,
    sent: Sent<Tenant, Nothing>,
) -> Answer<CampaignBody> {
    let Tenant { ctx, scope } = sent.caller;
    Ok(reply(services.campaigns.pause(&ctx, &scope, campaign.0, expected.0).await?))
}

/// Go on with a campaign
///
/// From `paused`.
#[utoipa::path(tag = "campaigns", operation_id = "resume_campaign", params(IfMatchHeader), request_body = Nothing,
    responses((status = 200, body = CampaignBody)),
    extensions(("x-access" = json!("member")), ("x-writes" = json!(["campaigns", "events"]))))]
#[post("/api/v1/campaigns/{campaign_id}/resume")]
pub(super) async fn resume_campaign(
    services: web::Data<Services>,
    campaign: PathId<CampaignId>,
    expected: IfMatch,
    sent: Sent<Tenant, Nothing>,
) -> Answer<CampaignBody> {
    let Tenant { ctx, scope } = sent.caller;
    Ok(reply(services.campaigns.resume(&ctx, &scope, campaign.0, expected.0).await?))
}

/// End a campaign
///
/// From `active` or `paused`.
#[utoipa::path(tag = "campaigns", operation_id = "complete_campaign", params(IfMatchHeader),
    request_body = Nothing, responses((status = 200, body = CampaignBody)),
    extensions(("x-access" = json!("member")), ("x-writes" = json!(["campaigns", "events"]))))]
#[post("/api/v1/campaigns/{campaign_id}/complete")]
pub(super) async fn complete_campaign(
    services: web::Data<Services>,
    campaign: PathId<CampaignId>,
    expected: IfMatch,
    sent: Sent<Tenant, Nothing>,
) -> Answer<CampaignBody> {
    let Tenant { ctx, scope } = sent.caller;
    Ok(reply(services.campaigns.complete(&ctx, &scope, campaign.0, expected.0).await?))
}

/// Give a campaign up
///
/// From any status in which it is not over. A run that is planning it ends without effect.
#[utoipa::path(tag = "campaigns", operation_id = "cancel_campaign", params(IfMatchHeader), request_body = Nothing,
    responses((status = 200, body = CampaignBody)),
    extensions(("x-access" = json!("member")), ("x-writes" = json!(["campaigns", "events"]))))]
#[post("/api/v1/campaigns/{campaign_id}/cancel")]
pub(super) async fn cancel_campaign(
    services: web::Data<Services>,
    campaign: PathId<CampaignId>,
    expected: IfMatch,
    sent: Sent<Tenant, Nothing>,
) -> Answer<CampaignBody> {
    let Tenant { ctx, scope } = sent.caller;
    Ok(reply(services.campaigns.cancel(&ctx, &scope, campaign.0, expected.0).await?))
}

/// Put a campaign out of sight
///
/// From `completed` or `cancelled`.
#[utoipa::path(tag = "campaigns", operation_id = "archive_campaign", params(IfMatchHeader),
    request_body = Nothing, responses((status = 200, body = CampaignBody)),
    extensions(("x-access" = json!("member")), ("x-writes" = json!(["campaigns", "events"]))))]
#[post("/api/v1/campaigns/{campaign_id}/archive")]
pub(super) async fn archive_campaign(
    services: web::Data<Services>,
    campaign: PathId<CampaignId>,
    expected: IfMatch,
    sent: Sent<Tenant, Nothing>,
) -> Answer<CampaignBody> {
    let Tenant { ctx, scope } = sent.caller;
    Ok(reply(services.campaigns.archive(&ctx, &scope, campaign.0, expected.0).await?))
}
