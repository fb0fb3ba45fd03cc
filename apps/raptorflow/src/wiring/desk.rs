use agents::{
    Result,
    ports::{Applied, CampaignDesk},
    tasks::strategy::{self, BudgetAmount, CampaignBrief, StrategyPlan},
};
use async_trait::async_trait;
use campaign::{Campaign, Origin, PlannedMove, ports::CampaignReader, services::PlanningService};
use kernel::{CallContext, CampaignId, Currency, ForeignFailure, Money, RunId, WorkspaceScope};
use std::sync::Arc;

/// Campaigns, as agents get and change them.
pub(super) struct Desk {
    pub(super) campaigns: Arc<dyn CampaignReader>,
    pub(super) planning: PlanningService,
}

#[async_trait]
impl CampaignDesk for Desk {
    async fn brief(&self, scope: &WorkspaceScope, id: CampaignId) -> Result<Option<CampaignBrief>> {
        Ok(self.campaigns.find(scope, id).await?.map(brief))
    }

    async fn apply(
        &self,
        ctx: &CallContext,
        scope: &WorkspaceScope,
        run: RunId,
        id: CampaignId,
        plan: &StrategyPlan,
    ) -> Result<Applied> {
        let moves = plan.moves.iter().map(planned).collect();
        let applied = self.planning.apply(ctx, scope, id, run, (Origin::Baseline, moves)).await;
        Ok(Applied { moves: applied.map_err(ForeignFailure::new)?.moves })
    }
}

fn brief(campaign: Campaign) -> CampaignBrief {
    CampaignBrief {
        name: campaign.name,
        goal: campaign.goal,
        channels: campaign.channels,
        icp_ids: campaign.icp_ids.iter().map(ToString::to_string).collect(),
        starts_on: campaign.starts_on,
        ends_on: campaign.ends_on,
        budget: campaign.budget.map(|budget| BudgetAmount {
            amount: budget.amount,
            currency: budget.currency.code().to_owned(),
        }),
    }
}

fn planned(planned: &strategy::PlannedMove) -> PlannedMove {
    PlannedMove {
        title: planned.title.clone(),
        channel: planned.channel.clone(),
        stage: planned.stage.name().to_owned(),
        audience: planned.icp_name.clone(),
        objective: planned.objective.clone(),
        brief: planned.brief.clone(),
        tasks: planned.tasks.clone(),
        draft: planned.draft.clone(),
        measure: planned.measure.clone(),
        // A campaign's budget is in a currency that the kernel knows, and so is each share of it.
        budget: planned.budget.as_ref().and_then(|share| {
            Some(Money { amount: share.amount, currency: Currency::from_code(&share.currency)? })
        }),
        due_on: planned.due_on,
    }
}
