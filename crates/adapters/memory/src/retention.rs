use crate::store::Store;
use async_trait::async_trait;
use kernel::{Ended, Retention, StoreResult, SystemScope};

#[async_trait]
impl Retention for Store {
    async fn sweep(&self, _: &SystemScope, ended: Ended, most: i64) -> StoreResult<u64> {
        let most = usize::try_from(most).unwrap_or(0);
        let mut state = self.state().await?;
        let jobs = state.jobs.sweep(ended, most);
        let invitations = state.workspace.invitations.sweep(ended, most);
        let answers = state.idempotency.sweep(ended.expired, most);
        let tokens = state.identity.sweep(ended, most);
        Ok(jobs.max(invitations).max(answers).max(tokens) as u64)
    }
}
