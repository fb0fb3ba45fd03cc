//! Forgetting a deleted workspace. Each domain's state is taken apart whole, so that a new table is not left out.

use crate::store::{State, Store};
use ::workspace::ports::WorkspacePurge;
use async_trait::async_trait;
use kernel::{JobId, NewEvent, StoreResult, SystemScope, WorkspaceId};

impl State {
    fn purge_workspace(&mut self, workspace: WorkspaceId, job: JobId) {
        // People are no tenant's.
        let Self {
            agents,
            api_keys,
            bcm,
            budgets,
            campaign,
            events,
            idempotency,
            identity: _,
            jobs,
            ledger,
            provider_keys,
            schedules,
            // Processes: of no workspace.
            workers: _,
            workspace: of,
        } = self;
        agents.purge(workspace);
        api_keys.purge(workspace);
        bcm.purge(workspace);
        budgets.purge(workspace);
        campaign.purge(workspace);
        events.purge(workspace);
        idempotency.purge(workspace);
        jobs.purge(workspace, job);
        ledger.purge(workspace);
        provider_keys.purge(workspace);
        schedules.purge(workspace);
        of.purge(workspace);
    }
}

#[async_trait]
impl WorkspacePurge for Store {
    async fn purge(
        &self,
        _: &SystemScope,
        workspace: WorkspaceId,
        job: JobId,
        told: NewEvent,
    ) -> StoreResult<bool> {
        let mut state = self.state().await?;
        if !state.workspace.is_deleted(workspace) {
            return Ok(false);
        }
        let mut after = state.clone();
        after.purge_workspace(workspace, job);
        after.events.append(None, vec![told])?;
        *state = after;
        drop(state);
        self.wake();
        Ok(true)
    }
}
