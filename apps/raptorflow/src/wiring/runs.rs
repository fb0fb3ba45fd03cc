use agents::services::RunService;
use async_trait::async_trait;
use campaign::{
    Campaign, Result,
    ports::{Execution, StrategyRuns},
};
use kernel::{CallContext, ForeignFailure, WorkspaceScope};

/// Runs of the council, for campaigns.
pub(super) struct Runs(pub(super) RunService);

#[async_trait]
impl StrategyRuns for Runs {
    async fn queue(
        &self,
        ctx: &CallContext,
        scope: &WorkspaceScope,
        campaign: &Campaign,
    ) -> Result<Execution> {
        let run =
            self.0.queue_strategy(ctx, &scope.delegated(), campaign.id).await.map_err(ForeignFailure::new)?;
        Ok(Execution { run_id: run.id, campaign_id: campaign.id, status: run.status.name().to_owned() })
    }
}
