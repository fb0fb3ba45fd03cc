//! A campaign is put aside, taken up, ended and put away; each step is told.

#![expect(clippy::unwrap_used, reason = "the helpers of a test fail by panicking")]

use async_trait::async_trait;
use campaign::ports::{Execution, IcpDirectory, StrategyRuns, WorkspaceCalendar};
use campaign::services::{CampaignDecision, CampaignService};
use campaign::{Campaign, CampaignInput, CampaignStatus, Error, NewCampaign, Result, ports::CampaignUow};
use kernel::testing::{environment, owner_of_new_workspace};
use kernel::{
    CallContext, Environment, EventReader, Failure, IcpId, RunId, StoreError, TimeZone, WorkspaceScope,
};
use memory::Store;
use std::sync::Arc;

/// The neighbours of campaigns, as small as they can be: UTC, every profile exists, runs are queued and forgotten.
struct Neighbours(RunId);

#[async_trait]
impl WorkspaceCalendar for Neighbours {
    async fn time_zone(&self, _: &WorkspaceScope) -> Result<TimeZone> {
        Ok(TimeZone::utc())
    }
}

#[async_trait]
impl IcpDirectory for Neighbours {
    async fn all_exist(&self, _: &WorkspaceScope, _: &[IcpId]) -> Result<bool> {
        Ok(true)
    }
}

#[async_trait]
impl StrategyRuns for Neighbours {
    async fn queue(&self, _: &CallContext, _: &WorkspaceScope, campaign: &Campaign) -> Result<Execution> {
        Ok(Execution { run_id: self.0, campaign_id: campaign.id, status: "queued".to_owned() })
    }
}

struct World {
    store: Arc<Store>,
    env: Environment,
    scope: WorkspaceScope,
    ctx: CallContext,
    campaigns: CampaignService,
}

fn world() -> World {
    let (store, (env, _)) = (Arc::new(Store::default()), environment());
    let (scope, ctx) = owner_of_new_workspace(&env);
    let neighbours = Arc::new(Neighbours(env.id()));
    let campaigns = CampaignService {
        uow: store.clone(),
        campaigns: store.clone(),
        icps: neighbours.clone(),
        calendar: neighbours.clone(),
        runs: neighbours,
        env: env.clone(),
    };
    World { store, env, scope, ctx, campaigns }
}

impl World {
    async fn draft(&self) -> Campaign {
        let new = NewCampaign {
            name: "Spring".into(),
            goal: "More trials".into(),
            channels: vec![],
            icp_ids: vec![],
            starts_on: "2026-03-02".parse().unwrap(),
            ends_on: "2026-03-29".parse().unwrap(),
            budget: None,
        };
        self.campaigns.create(&self.ctx, &self.scope, new).await.unwrap()
    }

    /// A campaign that got its plan and whose first day has come.
    async fn active(&self) -> Campaign {
        let mut campaign = self.draft().await;
        let uow: Arc<CampaignUow> = self.store.clone();
        uow.run(&self.scope, async |tx| {
            let was = campaign.version;
            campaign.advance(CampaignInput::Plan, self.env.now())?;
            campaign.advance(CampaignInput::Activate, self.env.now())?;
            tx.campaigns().save(&campaign, was).await?;
            Ok::<_, Error>(campaign)
        })
        .await
        .unwrap()
    }

    async fn told(&self) -> Vec<String> {
        let events = self.store.list_after(&self.scope, 0, 100).await.unwrap();
        events.into_iter().map(|event| event.event_type).collect()
    }
}

#[tokio::test]
async fn each_step_is_kept_and_told() {
    let w = world();
    let mut campaign = w.active().await;
    let (service, ctx, scope, id) = (&w.campaigns, &w.ctx, &w.scope, campaign.id);
    let steps = [
        (
            service.decide(ctx, scope, id, CampaignDecision::Pause, Some(campaign.version)).await,
            CampaignStatus::Paused,
        ),
        (service.decide(ctx, scope, id, CampaignDecision::Resume, None).await, CampaignStatus::Active),
        (service.decide(ctx, scope, id, CampaignDecision::Complete, None).await, CampaignStatus::Completed),
        (service.decide(ctx, scope, id, CampaignDecision::Archive, None).await, CampaignStatus::Archived),
    ];
    for (answer, status) in steps {
        campaign.status = status;
        campaign.version += 1;
        assert_eq!(answer.unwrap(), campaign);
    }
    assert_eq!(service.get(scope, id).await.unwrap(), campaign);
    let other = w.draft().await;
    service.decide(ctx, scope, other.id, CampaignDecision::Cancel, Some(1)).await.unwrap();
    assert_eq!(
        w.told().await,
        [
            "campaign.created",
            "campaign.paused",
            "campaign.resumed",
            "campaign.completed",
            "campaign.archived",
            "campaign.created",
            "campaign.cancelled",
        ]
    );
}

#[tokio::test]
async fn a_refused_step_changes_and_tells_nothing() {
    let w = world();
    let campaign = w.draft().await;
    let (service, ctx, scope, id) = (&w.campaigns, &w.ctx, &w.scope, campaign.id);
    let wrong_state = service.decide(ctx, scope, id, CampaignDecision::Pause, None).await;
    assert!(matches!(wrong_state, Err(Error::CampaignState("draft"))));
    let stale = service.decide(ctx, scope, id, CampaignDecision::Cancel, Some(2)).await;
    assert!(matches!(stale, Err(Error::Store(StoreError::Stale))));
    let (stranger, their_call) = owner_of_new_workspace(&w.env);
    let foreign =
        service.decide(&their_call, &stranger, id, CampaignDecision::Cancel, None).await.unwrap_err();
    assert_eq!(foreign.code().name, "not_found");
    assert_eq!(service.get(scope, id).await.unwrap(), campaign);
    assert_eq!(w.told().await, ["campaign.created"]);
}
