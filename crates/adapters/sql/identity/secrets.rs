use super::sealed::{SealedSecretRow, secret_name};
use crate::{
    dialect::Backend,
    sql::{Store, SystemUnit, Time, Uid, schema::user_secrets as secrets},
};
use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use identity::{
    SecretEntry, SecretName, UserSecret,
    ports::{SecretRepository, UserSecrets},
};
use kernel::{StoreError, StoreResult, UserId, UserScope};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = secrets, check_for_backend(Backend))]
struct Row {
    user_id: Uid,
    name: String,
    #[diesel(embed)]
    sealed: SealedSecretRow,
    created_at: Time,
    updated_at: Time,
}

impl From<&UserSecret> for Row {
    fn from(secret: &UserSecret) -> Self {
        Self {
            user_id: secret.user_id.into(),
            name: secret.name.as_str().to_owned(),
            sealed: SealedSecretRow::from(&secret.sealed),
            created_at: secret.created_at.into(),
            updated_at: secret.updated_at.into(),
        }
    }
}

impl TryFrom<Row> for UserSecret {
    type Error = StoreError;

    fn try_from(row: Row) -> StoreResult<Self> {
        Ok(Self {
            user_id: row.user_id.into(),
            name: secret_name(&row.name)?,
            sealed: row.sealed.into(),
            created_at: row.created_at.0,
            updated_at: row.updated_at.0,
        })
    }
}

#[async_trait]
impl SecretRepository for SystemUnit {
    async fn put(&mut self, secret: &UserSecret) -> StoreResult<()> {
        let put = diesel::insert_into(secrets::table)
            .values(Row::from(secret))
            .on_conflict((secrets::user_id, secrets::name))
            .do_update()
            .set((SealedSecretRow::from(&secret.sealed), secrets::updated_at.eq(Time(secret.updated_at))))
            .execute(self.conn()?)
            .await;
        self.note(put).map(drop)
    }

    async fn count_others(&mut self, user: UserId, name: &SecretName) -> StoreResult<u32> {
        let others = secrets::table
            .filter(secrets::user_id.eq(Uid::from(user)))
            .filter(secrets::name.ne(name.as_str()));
        let counted = others.count().get_result::<i64>(self.conn()?).await;
        Ok(u32::try_from(self.note(counted)?).unwrap_or(u32::MAX))
    }

    async fn remove(&mut self, user: UserId, name: &SecretName) -> StoreResult<bool> {
        let named = secrets::table
            .filter(secrets::user_id.eq(Uid::from(user)))
            .filter(secrets::name.eq(name.as_str()));
        let removed = diesel::delete(named).execute(self.conn()?).await;
        Ok(self.note(removed)? == 1)
    }
}

#[async_trait]
impl UserSecrets for Store {
    async fn list(&self, scope: &UserScope) -> StoreResult<Vec<SecretEntry>> {
        let query = secrets::table
            .filter(secrets::user_id.eq(Uid::from(scope.user())))
            .order(secrets::name)
            .select((secrets::name, secrets::created_at, secrets::updated_at));
        let rows: Vec<(String, Time, Time)> = self.read(scope, query).await?;
        let entry = |(name, created_at, updated_at): (String, Time, Time)| {
            Ok(SecretEntry { name: secret_name(&name)?, created_at: created_at.0, updated_at: updated_at.0 })
        };
        rows.into_iter().map(entry).collect()
    }

    async fn find(&self, scope: &UserScope, name: &SecretName) -> StoreResult<Option<UserSecret>> {
        let query = secrets::table
            .filter(secrets::user_id.eq(Uid::from(scope.user())))
            .filter(secrets::name.eq(name.as_str().to_owned()))
            .select(Row::as_select());
        let rows: Vec<Row> = self.read(scope, query).await?;
        rows.into_iter().next().map(UserSecret::try_from).transpose()
    }
}
