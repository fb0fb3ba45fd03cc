use crate::store::Store;
use async_trait::async_trait;
use kernel::{StoreResult, SystemScope, Timestamp, WorkerNote, WorkerRegistry};

#[async_trait]
impl WorkerRegistry for Store {
    async fn announce(&self, _: &SystemScope, note: &WorkerNote) -> StoreResult<()> {
        let mut state = self.state().await?;
        let remembered = note.seen_at.minus(WorkerNote::REMEMBERED);
        state.workers.retain(|_, other| other.seen_at >= remembered);
        state.workers.insert(note.name.clone(), note.clone());
        Ok(())
    }

    async fn leave(&self, _: &SystemScope, name: &str) -> StoreResult<()> {
        self.state().await?.workers.remove(name);
        Ok(())
    }

    async fn list_workers(&self, _: &SystemScope, since: Timestamp) -> StoreResult<Vec<WorkerNote>> {
        let state = self.state().await?;
        Ok(state.workers.values().filter(|note| note.seen_at >= since).cloned().collect())
    }

    async fn time(&self, _: &SystemScope) -> StoreResult<Option<Timestamp>> {
        Ok(None)
    }
}
