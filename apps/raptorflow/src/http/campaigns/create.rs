use super::CampaignBody;
use crate::http::body::Sent;
use crate::http::idempotency::IdempotencyKeyHeader;
use crate::http::reply::{Answer, Reply};
use crate::http::schema::{MoneyBody, list_of};
use crate::http::tenant::Tenant;
use crate::wiring::Services;
use actix_web::{post, web};
use campaign::NewCampaign;
use kernel::{Date, IcpId, Money};
use serde::Deserialize;
use utoipa::{ToSchema, openapi::schema::ArrayBuilder};

/// What a person says to make a campaign.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CreateCampaign {
    #[schema(min_length = 1, max_length = 120)]
    name: String,
    /// What it is to achieve.
    #[schema(min_length = 1, max_length = 2000)]
    goal: String,
    /// Slugs or known names of channels; an empty list lets the plan choose.
    #[schema(schema_with = channels)]
    channels: Vec<String>,
    /// Ideal customer profiles of the workspace; none: for every one.
    #[serde(default)]
    #[schema(value_type = Vec<Uuid>, max_items = 50, required = false)]
    icp_ids: Vec<IcpId>,
    /// The first day.
    #[schema(value_type = String, format = Date)]
    starts_on: Date,
    /// The last day, at most 366 days after the first.
    #[schema(value_type = String, format = Date)]
    ends_on: Date,
    /// What it may cost, beside people's time.
    budget: Option<MoneyBody>,
}

fn channels() -> ArrayBuilder {
    list_of("channel", 20)
}

impl From<CreateCampaign> for NewCampaign {
    fn from(body: CreateCampaign) -> Self {
        Self {
            name: body.name,
            goal: body.goal,
            channels: body.channels,
            icp_ids: body.icp_ids,
            starts_on: body.starts_on,
            ends_on: body.ends_on,
            budget: body.budget.map(Money::from),
        }
    }
}

/// Make a campaign
///
/// It starts as a draft; execute it to get its moves.
#[utoipa::path(tag = "campaigns", operation_id = "create_campaign", params(IdempotencyKeyHeader),
    request_body = CreateCampaign, responses((status = 201, body = CampaignBody)),
    extensions(("x-access" = json!("member")), ("x-reads" = json!(["icps"])),
        ("x-writes" = json!(["campaigns", "events", "idempotency_records"]))))]
#[post("/api/v1/campaigns/create")]
pub(super) async fn create_campaign(
    services: web::Data<Services>,
    sent: Sent<Tenant, CreateCampaign>,
) -> Answer<CampaignBody> {
    let Sent { caller: Tenant { ctx, scope }, body } = sent;
    let campaign = services.campaigns.create(&ctx, &scope, body.into()).await?;
    let (path, version) = (format!("/api/v1/campaigns/{}", campaign.id), campaign.version);
    Ok(Reply::created(campaign.into()).version(version).location(path))
}
