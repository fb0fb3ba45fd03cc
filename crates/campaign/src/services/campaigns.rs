use crate::{
    Campaign, CampaignInput, Error, NewCampaign, Result, events,
    ports::{CampaignReader, CampaignUow, Execution, IcpDirectory, StrategyRuns, WorkspaceCalendar},
};
use kernel::{Area, CallContext, CampaignId, Environment, Page, PageRequest, StoreError, WorkspaceScope};
use serde_json::json;
use std::sync::Arc;

/// What a person may decide about a campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CampaignDecision {
    /// Put it aside; from active.
    Pause,
    /// Go on with it; from paused.
    Resume,
    /// End it; from active or paused.
    Complete,
    /// Give it up; while it is not over.
    Cancel,
    /// Put it out of sight; when it is over.
    Archive,
}

impl CampaignDecision {
    const fn effect(self) -> (CampaignInput, &'static str) {
        match self {
            Self::Pause => (CampaignInput::Pause, events::CAMPAIGN_PAUSED),
            Self::Resume => (CampaignInput::Resume, events::CAMPAIGN_RESUMED),
            Self::Complete => (CampaignInput::Complete, events::CAMPAIGN_COMPLETED),
            Self::Cancel => (CampaignInput::Cancel, events::CAMPAIGN_CANCELLED),
            Self::Archive => (CampaignInput::Archive, events::CAMPAIGN_ARCHIVED),
        }
    }
}

/// Making, reading and executing campaigns, and deciding about them.
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
        scope.require(Area::Campaigns.write())?;
        let campaign = Campaign::try_new(new, self.env.id(), scope.workspace(), self.env.now())?;
        if !self.icps_exist(scope, &campaign).await? && !self.was_answered(ctx, scope).await? {
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
        scope.require(Area::Campaigns.read())?;
        self.campaigns.find(scope, id).await?.ok_or(Error::NotFound)
    }

    /// The campaigns, newest first.
    ///
    /// # Errors
    /// The store's.
    pub async fn list(&self, scope: &WorkspaceScope, page: &PageRequest) -> Result<Page<Campaign>> {
        scope.require(Area::Campaigns.read())?;
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
        scope.require(Area::Campaigns.write())?;
        let campaign = self.campaigns.find(scope, id).await?.ok_or(Error::NotFound)?;
        let zone = self.calendar.time_zone(scope).await?;
        if let Err(refused) = campaign.executable(self.env.now().date_in(&zone))
            && !self.was_answered(ctx, scope).await?
        {
            return Err(refused);
        }
        self.runs.queue(ctx, scope, &campaign).await
    }

    /// Does what a person decided about a campaign.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::CampaignState`], a stale version.
    pub async fn decide(
        &self,
        ctx: &CallContext,
        scope: &WorkspaceScope,
        id: CampaignId,
        decision: CampaignDecision,
        expected: Option<i32>,
    ) -> Result<Campaign> {
        scope.require(Area::Campaigns.write())?;
        let (input, event_type) = decision.effect();
        self.uow
            .run(scope, async |tx| {
                let mut campaign = tx.campaigns().find(id).await?.ok_or(Error::NotFound)?;
                let was = campaign.version;
                if expected.is_some_and(|version| version != was) {
                    return Err(StoreError::Stale.into());
                }
                campaign.advance(input, self.env.now())?;
                tx.campaigns().save(&campaign, was).await?;
                let payload = json!({ "name": campaign.name });
                let event = events::of_campaign(&self.env, ctx, event_type, &campaign, payload);
                tx.events().append(event).await?;
                Ok(campaign)
            })
            .await
    }

    async fn icps_exist(&self, scope: &WorkspaceScope, campaign: &Campaign) -> Result<bool> {
        Ok(campaign.icp_ids.is_empty() || self.icps.all_exist(scope, &campaign.icp_ids).await?)
    }

    /// Whether the call repeats one that was answered. Its answer is due again then, also when what the rules look at
    /// has changed since, perhaps by that very call.
    async fn was_answered(&self, ctx: &CallContext, scope: &WorkspaceScope) -> Result<bool> {
        let Some(key) = &ctx.idempotency else { return Ok(false) };
        let now = self.env.now();
        self.uow.run(scope, async |tx| Ok(tx.idempotency().claim(key, now).await?.is_some())).await
    }
}
