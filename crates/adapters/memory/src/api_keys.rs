use crate::{store::Store, unit::Unit};
use ::identity::UserStatus;
use ::workspace::{
    ApiKey, KeyStanding, KeyStatus,
    ports::{ApiKeyDirectory, ApiKeyReader, ApiKeyRepository},
};
use async_trait::async_trait;
use kernel::{
    ApiKeyId, Page, PageRequest, StoreError, StoreResult, SystemScope, Timestamp, TokenHash, UserId,
    WorkspaceId, WorkspaceScope,
};
use std::collections::BTreeMap;

#[derive(Clone, Default)]
pub(crate) struct State(BTreeMap<ApiKeyId, (ApiKey, TokenHash)>);

impl State {
    pub(crate) fn purge(&mut self, workspace: WorkspaceId) {
        self.0.retain(|_, (key, _)| key.workspace_id != workspace);
    }

    fn of(&self, workspace: WorkspaceId) -> impl DoubleEndedIterator<Item = &ApiKey> {
        self.0.values().map(|(key, _)| key).filter(move |key| key.workspace_id == workspace)
    }
}

#[async_trait]
impl ApiKeyRepository for Unit<WorkspaceScope> {
    async fn insert(&mut self, key: &ApiKey, hash: &TokenHash) -> StoreResult<()> {
        self.statement(|unit| {
            let keys = &mut unit.state.api_keys.0;
            if keys.values().any(|(other, of_other)| other.id == key.id || of_other == hash) {
                return Err(StoreError::Conflict("api_keys".to_owned()));
            }
            keys.insert(key.id, (key.clone(), *hash));
            Ok(())
        })
    }

    async fn find(&mut self, id: ApiKeyId) -> StoreResult<Option<ApiKey>> {
        self.statement(|unit| {
            let mut keys = unit.state.api_keys.of(unit.scope.workspace());
            Ok(keys.find(|key| key.id == id).cloned())
        })
    }

    async fn count_live(&mut self, now: Timestamp) -> StoreResult<u32> {
        self.statement(|unit| {
            let keys = unit.state.api_keys.of(unit.scope.workspace());
            let live = keys.filter(|key| key.status(now) == KeyStatus::Live).count();
            Ok(u32::try_from(live).unwrap_or(u32::MAX))
        })
    }

    async fn revoke(&mut self, id: ApiKeyId, at: Timestamp) -> StoreResult<bool> {
        self.statement(|unit| {
            let own = unit.scope.workspace();
            let key = unit.state.api_keys.0.get_mut(&id).map(|(key, _)| key);
            let key = key.filter(|key| key.workspace_id == own && key.revoked_at.is_none());
            Ok(key.map(|key| key.revoked_at = Some(at)).is_some())
        })
    }
}

#[async_trait]
impl ApiKeyReader for Store {
    async fn page(&self, scope: &WorkspaceScope, request: &PageRequest) -> StoreResult<Page<ApiKey>> {
        let state = self.state().await?;
        let keys = state.api_keys.of(scope.workspace()).rev();
        let rows = keys.filter(|key| request.after.is_none_or(|after| key.id.uuid() < after)).cloned();
        Ok(Page::cut(rows.collect(), request.limit, |key| key.id.uuid()))
    }
}

#[async_trait]
impl ApiKeyDirectory for Store {
    async fn find_standing(&self, _: &SystemScope, hash: &TokenHash) -> StoreResult<Option<KeyStanding>> {
        let state = self.state().await?;
        let Some((key, _)) = state.api_keys.0.values().find(|(_, of_key)| of_key == hash) else {
            return Ok(None);
        };
        let maker = state.identity.people.get(&key.created_by);
        if maker.is_none_or(|maker| maker.user.status != UserStatus::Active) {
            return Ok(None);
        }
        let role = state.workspace.role_of(key.created_by, key.workspace_id);
        Ok(role.map(|maker_role| KeyStanding { key: key.clone(), maker_role }))
    }

    async fn list_by(&self, _: &SystemScope, maker: UserId) -> StoreResult<Vec<ApiKey>> {
        let state = self.state().await?;
        let all = state.api_keys.0.values().map(|(key, _)| key);
        Ok(all.filter(|key| key.created_by == maker).cloned().collect())
    }

    async fn note_use(&self, _: &SystemScope, key: ApiKeyId, at: Timestamp) -> StoreResult<()> {
        if let Some((key, _)) = self.state().await?.api_keys.0.get_mut(&key) {
            key.last_used_at = key.last_used_at.max(Some(at));
        }
        Ok(())
    }
}
