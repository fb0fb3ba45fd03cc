use crate::{
    Campaign, Error, NewCampaign, Result, events,
    ports::{CampaignReader, CampaignUow, Execution, IcpDirectory, StrategyRuns, WorkspaceCalendar},
};
use kernel::{CallContext, CampaignId, Environment, Page, PageRequest, Role, WorkspaceScope};
use serde_json::json;
use std::sync::Arc;

/// Making, reading and executing campaigns.
#[derive(Clone)]
#[expect(missing_docs, reason = "the fields are the ports, by their types' names")]
pub struct CampaignService {
    pub uow: Arc<CampaignUow>,
    pub campaigns: Arc<dyn CampaignReader>,
    pub icps: Arc<dyn IcpDirectory>,
    pub calendar: Arc<dyn WorkspaceCalendar>,
    pub runs: Arc<dyn StrategyRuns>,
    pub env: Environment,
}

impl CampaignService {
    /// Makes a draft.
    ///
    /// # Errors
    /// Fields that break a rule; [`Error::NotFound`] for an ICP that is not this workspace's.
    pub async fn create(
        &self,
        ctx: &CallContext,
        scope: &WorkspaceScope,
        new: NewCampaign,
    ) -> Result<Campaign> {
        scope.require(Role::Member)?;
        let campaign = Campaign::try_new(new, self.env.id(), scope.workspace(), self.env.now())?;
        if !campaign.icp_ids.is_empty() && !self.icps.all_exist(scope, &campaign.icp_ids).await? {
            return Err(Error::NotFound);
        }
        let payload =
            json!({ "name": campaign.name, "starts_on": campaign.starts_on, "ends_on": campaign.ends_on });
        let created = events::of_campaign(&self.env, ctx, events::CAMPAIGN_CREATED, &campaign, payload);
        self.uow
            .run_once(scope, ctx, self.env.now(), async |tx| {
                tx.campaigns().insert(&campaign).await?;
                tx.events().append(created).await?;
                Ok(campaign)
            })
            .await
    }

    /// One campaign.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn get(&self, scope: &WorkspaceScope, id: CampaignId) -> Result<Campaign> {
        self.campaigns.find(scope, id).await?.ok_or(Error::NotFound)
    }

    /// The campaigns, newest first.
    ///
    /// # Errors
    /// The store's.
    pub async fn list(&self, scope: &WorkspaceScope, page: &PageRequest) -> Result<Page<Campaign>> {
        Ok(self.campaigns.page(scope, page).await?)
    }

    /// Asks the agents for a plan; the answer is a run to poll. From draft or planned, while a day is left.
    ///
    /// # Errors
    /// [`Error::CampaignState`], [`Error::CampaignOver`]; what the agents answer when a run is under way.
    pub async fn execute(
        &self,
        ctx: &CallContext,
        scope: &WorkspaceScope,
        id: CampaignId,
    ) -> Result<Execution> {
        scope.require(Role::Member)?;
        let campaign = self.get(scope, id).await?;
        let zone = self.calendar.time_zone(scope).await?;
        campaign.executable(self.env.now().date_in(&zone))?;
        self.runs.queue(ctx, scope, &campaign).await
    }
}
