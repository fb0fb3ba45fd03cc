//! Campaigns: made, read, executed, and moved through their life.

mod create;
mod execute;
mod life;
mod read;

use super::routes::Routes;
use super::schema::{MoneyBody, names};
use campaign::{Campaign, CampaignStatus};
use kernel::channels::ChannelSlug;
use kernel::{CampaignId, Date, IcpId, RunId, Timestamp, WorkspaceId};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::schema::Object;

/// Adds the routes.
pub fn configure(routes: &mut Routes<'_, '_>) {
    routes
        .add(create::create_campaign)
        .add(read::list_campaigns)
        .add(execute::execute_campaign)
        .add(read::read_campaign);
    routes
        .add(life::pause_campaign)
        .add(life::resume_campaign)
        .add(life::complete_campaign)
        .add(life::cancel_campaign)
        .add(life::archive_campaign);
}

/// A goal over a period, for chosen customers and channels.
#[derive(Debug, Serialize, ToSchema)]
struct CampaignBody {
    #[schema(value_type = Uuid)]
    id: CampaignId,
    #[schema(value_type = Uuid)]
    workspace_id: WorkspaceId,
    name: String,
    /// What it is to achieve.
    goal: String,
    #[schema(schema_with = statuses)]
    status: CampaignStatus,
    /// Slugs; empty: the plan chooses.
    #[schema(value_type = Vec<String>)]
    channels: Vec<ChannelSlug>,
    /// For whom; empty: for every ideal customer profile.
    #[schema(value_type = Vec<Uuid>)]
    icp_ids: Vec<IcpId>,
    /// The first day.
    #[schema(value_type = String, format = Date)]
    starts_on: Date,
    /// The last day.
    #[schema(value_type = String, format = Date)]
    ends_on: Date,
    /// What it may cost, beside people's time.
    #[schema(required)]
    budget: Option<MoneyBody>,
    /// The agent run whose plan its moves are.
    #[schema(value_type = Option<Uuid>, required)]
    planned_by: Option<RunId>,
    /// As in the `ETag`.
    version: i32,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

fn statuses() -> Object {
    names(CampaignStatus::ALL.map(CampaignStatus::name))
}

impl From<Campaign> for CampaignBody {
    fn from(campaign: Campaign) -> Self {
        Self {
            id: campaign.id,
            workspace_id: campaign.workspace_id,
            name: campaign.name,
            goal: campaign.goal,
            status: campaign.status,
            channels: campaign.channels,
            icp_ids: campaign.icp_ids,
            starts_on: campaign.starts_on,
            ends_on: campaign.ends_on,
            budget: campaign.budget.map(MoneyBody::from),
            planned_by: campaign.planned_by,
            version: campaign.version,
            created_at: campaign.created_at,
            updated_at: campaign.updated_at,
        }
    }
}
