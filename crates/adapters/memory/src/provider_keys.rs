use crate::{store::Store, unit::Unit};
use ::agents::{
    dispatch::{Provider, ProviderKey},
    ports::models::{ProviderKeyReader, ProviderKeyRepository},
};
use async_trait::async_trait;
use kernel::{StoreError, StoreResult, WorkspaceId, WorkspaceScope};
use std::collections::BTreeMap;

#[derive(Clone, Default)]
pub(crate) struct State(BTreeMap<(WorkspaceId, &'static str), ProviderKey>);

impl State {
    pub(crate) fn purge(&mut self, workspace: WorkspaceId) {
        self.0.retain(|(of, _), _| *of != workspace);
    }
}

#[async_trait]
impl ProviderKeyRepository for Unit<WorkspaceScope> {
    async fn put(&mut self, key: &ProviderKey) -> StoreResult<()> {
        self.statement(|unit| {
            if key.workspace_id != unit.scope.workspace() {
                return Err(StoreError::Conflict("provider_keys".to_owned()));
            }
            unit.state.provider_keys.0.insert((key.workspace_id, key.provider.name()), key.clone());
            Ok(())
        })
    }

    async fn remove(&mut self, provider: Provider) -> StoreResult<bool> {
        self.statement(|unit| {
            let place = (unit.scope.workspace(), provider.name());
            Ok(unit.state.provider_keys.0.remove(&place).is_some())
        })
    }
}

#[async_trait]
impl ProviderKeyReader for Store {
    async fn list(&self, scope: &WorkspaceScope) -> StoreResult<Vec<ProviderKey>> {
        let state = self.state().await?;
        let own = state.provider_keys.0.range((scope.workspace(), "")..);
        Ok(own.take_while(|((of, _), _)| *of == scope.workspace()).map(|(_, key)| key.clone()).collect())
    }
}
