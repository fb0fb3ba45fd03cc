//! Campaigns, moves and daily wins.

mod campaigns;
mod daily_wins;
mod moves;

use super::{Store, TenantUnit};
use async_trait::async_trait;
use campaign::ports::{CampaignRepository, CampaignTx, DailyWinRepository, MoveRepository};
use kernel::{StoreResult, UnitOfWork, Work, WorkspaceScope};

impl CampaignTx for TenantUnit {
    fn campaigns(&mut self) -> &mut dyn CampaignRepository {
        self
    }

    fn moves(&mut self) -> &mut dyn MoveRepository {
        self
    }

    fn daily_wins(&mut self) -> &mut dyn DailyWinRepository {
        self
    }
}

#[async_trait]
impl UnitOfWork<dyn CampaignTx, WorkspaceScope> for Store {
    async fn run_erased(
        &self,
        scope: &WorkspaceScope,
        work: &mut dyn Work<dyn CampaignTx>,
    ) -> StoreResult<()> {
        self.run_unit(scope, work, |unit| unit).await
    }
}
