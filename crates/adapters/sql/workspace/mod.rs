//! Workspaces, who is a member of them, who is invited, and the trail.

mod api_keys;
mod audit;
mod budgets;
mod invitations;
mod memberships;
mod purge;
mod workspaces;

use super::{Store, TenantUnit};
use async_trait::async_trait;
use kernel::{StoreResult, UnitOfWork, Work, WorkspaceScope};
use workspace::ports::{
    ApiKeyRepository, BudgetRepository, InvitationRepository, MembershipRepository, WorkspaceRepository,
    WorkspaceTx,
};

impl WorkspaceTx for TenantUnit {
    fn workspaces(&mut self) -> &mut dyn WorkspaceRepository {
        self
    }

    fn memberships(&mut self) -> &mut dyn MembershipRepository {
        self
    }

    fn invitations(&mut self) -> &mut dyn InvitationRepository {
        self
    }

    fn api_keys(&mut self) -> &mut dyn ApiKeyRepository {
        self
    }

    fn budgets(&mut self) -> &mut dyn BudgetRepository {
        self
    }
}

#[async_trait]
impl UnitOfWork<dyn WorkspaceTx, WorkspaceScope> for Store {
    async fn run_erased(
        &self,
        scope: &WorkspaceScope,
        work: &mut dyn Work<dyn WorkspaceTx>,
    ) -> StoreResult<()> {
        self.run_unit(scope, work, |unit| unit).await
    }
}
