//! The council, its runs and their journal; what models cost, and the keys that they are asked with.

mod council;
mod ledger;
mod provider_keys;
mod runs;
mod steps;

pub(super) use ledger::Books;

use super::{Store, TenantUnit};
use agents::ports::{AgentRepository, AgentTx, RunRepository, StepJournal, models::ProviderKeyRepository};
use async_trait::async_trait;
use kernel::{StoreResult, UnitOfWork, Work, WorkspaceScope};

impl AgentTx for TenantUnit {
    fn agents(&mut self) -> &mut dyn AgentRepository {
        self
    }

    fn runs(&mut self) -> &mut dyn RunRepository {
        self
    }

    fn steps(&mut self) -> &mut dyn StepJournal {
        self
    }

    fn provider_keys(&mut self) -> &mut dyn ProviderKeyRepository {
        self
    }
}

#[async_trait]
impl UnitOfWork<dyn AgentTx, WorkspaceScope> for Store {
    async fn run_erased(&self, scope: &WorkspaceScope, work: &mut dyn Work<dyn AgentTx>) -> StoreResult<()> {
        self.run_unit(scope, work, |unit| unit).await
    }
}
