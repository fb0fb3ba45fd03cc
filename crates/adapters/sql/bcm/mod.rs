//! Onboarding sessions, foundations, ICPs and context versions.

mod contexts;
mod foundations;
mod icps;
mod onboarding;

use super::{Store, TenantUnit};
use async_trait::async_trait;
use bcm::ports::{BcmTx, ContextRepository, FoundationRepository, IcpRepository, OnboardingRepository};
use kernel::{StoreResult, UnitOfWork, Work, WorkspaceScope};

impl BcmTx for TenantUnit {
    fn onboarding(&mut self) -> &mut dyn OnboardingRepository {
        self
    }

    fn foundations(&mut self) -> &mut dyn FoundationRepository {
        self
    }

    fn icps(&mut self) -> &mut dyn IcpRepository {
        self
    }

    fn contexts(&mut self) -> &mut dyn ContextRepository {
        self
    }
}

#[async_trait]
impl UnitOfWork<dyn BcmTx, WorkspaceScope> for Store {
    async fn run_erased(&self, scope: &WorkspaceScope, work: &mut dyn Work<dyn BcmTx>) -> StoreResult<()> {
        self.run_unit(scope, work, |unit| unit).await
    }
}
