use super::CampaignBody;
use crate::http::body::{Nothing, Sent};
use crate::http::path::PathId;
use crate::http::precondition::{IfMatch, IfMatchHeader};
use crate::http::reply::{Answer, Reply};
use crate::http::tenant::Tenant;
use crate::wiring::Services;
use actix_web::{post, web};
use campaign::services::CampaignDecision;
use kernel::CampaignId;

async fn decide(
    services: &Services,
    sent: Sent<Tenant, Nothing>,
    id: CampaignId,
    decision: CampaignDecision,
    expected: IfMatch,
) -> Answer<CampaignBody> {
    let Tenant { ctx, scope } = sent.caller;
    let campaign = services.campaigns.decide(&ctx, &scope, id, decision, expected.0).await?;
    let version = campaign.version;
    Ok(Reply::ok(campaign.into()).version(version))
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
    decide(&services, sent, campaign.0, CampaignDecision::Pause, expected).await
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
    decide(&services, sent, campaign.0, CampaignDecision::Resume, expected).await
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
    decide(&services, sent, campaign.0, CampaignDecision::Complete, expected).await
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
    decide(&services, sent, campaign.0, CampaignDecision::Cancel, expected).await
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
    decide(&services, sent, campaign.0, CampaignDecision::Archive, expected).await
}
