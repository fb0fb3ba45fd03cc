use crate::{
    dialect::Backend,
    sql::{Store, TenantUnit, Time, Uid, schema::provider_keys, text},
};
use ::agents::{
    dispatch::{Provider, ProviderKey},
    ports::models::{ProviderKeyReader, ProviderKeyRepository},
};
use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use kernel::{StoreError, StoreResult, WorkspaceScope};

#[derive(Queryable, Selectable)]
#[diesel(table_name = provider_keys, check_for_backend(Backend))]
struct Row {
    workspace_id: Uid,
    provider: String,
    lent_by: Uid,
    secret: String,
    lent_at: Time,
}

impl TryFrom<Row> for ProviderKey {
    type Error = StoreError;

    fn try_from(row: Row) -> StoreResult<Self> {
        Ok(Self {
            workspace_id: row.workspace_id.into(),
            provider: text("provider_keys.provider", &row.provider, Provider::from_name)?,
            lent_by: row.lent_by.into(),
            secret: row.secret,
            lent_at: row.lent_at.0,
        })
    }
}

#[async_trait]
impl ProviderKeyRepository for TenantUnit {
    async fn put(&mut self, key: &ProviderKey) -> StoreResult<()> {
        let loan = (
            provider_keys::lent_by.eq(Uid::from(key.lent_by)),
            provider_keys::secret.eq(&key.secret),
            provider_keys::lent_at.eq(Time(key.lent_at)),
        );
        let place = (
            provider_keys::workspace_id.eq(Uid::from(key.workspace_id)),
            provider_keys::provider.eq(key.provider.name()),
        );
        let put = diesel::insert_into(provider_keys::table)
            .values((place, loan))
            .on_conflict((provider_keys::workspace_id, provider_keys::provider))
            .do_update()
            .set(loan)
            .execute(self.conn()?)
            .await;
        self.note(put).map(drop)
    }

    async fn remove(&mut self, provider: Provider) -> StoreResult<bool> {
        let lent = provider_keys::table
            .filter(provider_keys::workspace_id.eq(self.workspace()))
            .filter(provider_keys::provider.eq(provider.name()));
        let removed = diesel::delete(lent).execute(self.conn()?).await;
        Ok(self.note(removed)? == 1)
    }
}

#[async_trait]
impl ProviderKeyReader for Store {
    async fn list(&self, scope: &WorkspaceScope) -> StoreResult<Vec<ProviderKey>> {
        let query = provider_keys::table
            .filter(provider_keys::workspace_id.eq(Uid::from(scope.workspace())))
            .order(provider_keys::provider)
            .select(Row::as_select());
        let rows: Vec<Row> = self.read(scope, query).await?;
        rows.into_iter().map(ProviderKey::try_from).collect()
    }
}
