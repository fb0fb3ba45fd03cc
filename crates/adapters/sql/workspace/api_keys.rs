use crate::{
    dialect::{self, Backend},
    sql::{
        Store, SystemUnit, TenantUnit, Time, Uid,
        json::{Json, from_json, to_json},
        schema::{api_keys as keys, memberships, users, workspaces},
        text,
    },
};
use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use identity::UserStatus;
use kernel::{
    ApiKeyId, Page, PageRequest, Role, StoreError, StoreResult, SystemScope, Timestamp, TokenHash,
    UnitOfWork, UserId, WorkspaceScope,
};
use workspace::{
    ApiKey, KeyStanding, WorkspaceStatus,
    ports::{ApiKeyDirectory, ApiKeyReader, ApiKeyRepository},
};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = keys, check_for_backend(Backend))]
struct Row {
    id: Uid,
    workspace_id: Uid,
    name: String,
    prefix: String,
    scopes: Json,
    created_by: Uid,
    created_at: Time,
    expires_at: Time,
    last_used_at: Option<Time>,
    revoked_at: Option<Time>,
}

impl TryFrom<&ApiKey> for Row {
    type Error = StoreError;

    fn try_from(key: &ApiKey) -> StoreResult<Self> {
        Ok(Self {
            id: key.id.into(),
            workspace_id: key.workspace_id.into(),
            name: key.name.clone(),
            prefix: key.prefix.clone(),
            scopes: to_json(&key.scopes)?,
            created_by: key.created_by.into(),
            created_at: key.created_at.into(),
            expires_at: key.expires_at.into(),
            last_used_at: key.last_used_at.map(Into::into),
            revoked_at: key.revoked_at.map(Into::into),
        })
    }
}

impl TryFrom<Row> for ApiKey {
    type Error = StoreError;

    fn try_from(row: Row) -> StoreResult<Self> {
        Ok(Self {
            id: row.id.into(),
            workspace_id: row.workspace_id.into(),
            name: row.name,
            prefix: row.prefix,
            scopes: from_json("api_keys.scopes", row.scopes)?,
            created_by: row.created_by.into(),
            created_at: row.created_at.0,
            expires_at: row.expires_at.0,
            last_used_at: row.last_used_at.map(|at| at.0),
            revoked_at: row.revoked_at.map(|at| at.0),
        })
    }
}

#[async_trait]
impl ApiKeyRepository for TenantUnit {
    async fn insert(&mut self, key: &ApiKey, hash: &TokenHash) -> StoreResult<()> {
        let values = (Row::try_from(key)?, keys::key_hash.eq(hash.as_bytes().to_vec()));
        let inserted = diesel::insert_into(keys::table).values(values).execute(self.conn()?).await;
        self.note(inserted).map(drop)
    }

    async fn find(&mut self, id: ApiKeyId) -> StoreResult<Option<ApiKey>> {
        let found = keys::table
            .filter(keys::workspace_id.eq(self.workspace()))
            .filter(keys::id.eq(Uid::from(id)))
            .select(Row::as_select())
            .first::<Row>(self.conn()?)
            .await
            .optional();
        self.note(found)?.map(ApiKey::try_from).transpose()
    }

    async fn count_live(&mut self, now: Timestamp) -> StoreResult<u32> {
        let own = self.scope.workspace();
        let held = dialect::hold(self.conn()?, &format!("api keys of {own}")).await;
        self.note(held)?;
        let live = keys::table
            .filter(keys::workspace_id.eq(Uid::from(own)))
            .filter(keys::revoked_at.is_null())
            .filter(keys::expires_at.gt(Time(now)))
            .count()
            .get_result::<i64>(self.conn()?)
            .await;
        Ok(u32::try_from(self.note(live)?).unwrap_or(u32::MAX))
    }

    async fn revoke(&mut self, id: ApiKeyId, at: Timestamp) -> StoreResult<bool> {
        let unrevoked = keys::table
            .filter(keys::workspace_id.eq(self.workspace()))
            .filter(keys::id.eq(Uid::from(id)))
            .filter(keys::revoked_at.is_null());
        let revoked =
            diesel::update(unrevoked).set(keys::revoked_at.eq(Time(at))).execute(self.conn()?).await;
        Ok(self.note(revoked)? == 1)
    }
}

#[async_trait]
impl ApiKeyReader for Store {
    async fn page(&self, scope: &WorkspaceScope, request: &PageRequest) -> StoreResult<Page<ApiKey>> {
        let mut query = keys::table
            .filter(keys::workspace_id.eq(Uid::from(scope.workspace())))
            .order(keys::id.desc())
            .limit(i64::from(request.limit.get()) + 1)
            .select(Row::as_select())
            .into_boxed();
        if let Some(after) = request.after {
            query = query.filter(keys::id.lt(Uid(after)));
        }
        let rows: Vec<Row> = self.read(scope, query).await?;
        let page = rows.into_iter().map(ApiKey::try_from).collect::<StoreResult<Vec<_>>>()?;
        Ok(Page::cut(page, request.limit, |key| key.id.uuid()))
    }
}

#[async_trait]
impl ApiKeyDirectory for Store {
    async fn find_standing(&self, scope: &SystemScope, hash: &TokenHash) -> StoreResult<Option<KeyStanding>> {
        let in_it =
            memberships::workspace_id.eq(keys::workspace_id).and(memberships::user_id.eq(keys::created_by));
        let query = keys::table
            .inner_join(workspaces::table.on(workspaces::id.eq(keys::workspace_id)))
            .inner_join(memberships::table.on(in_it))
            .inner_join(users::table.on(users::id.eq(keys::created_by)))
            .filter(keys::key_hash.eq(hash.as_bytes().to_vec()))
            .filter(workspaces::status.eq(WorkspaceStatus::Active.name()))
            .filter(users::status.eq(UserStatus::Active.name()))
            .select((Row::as_select(), memberships::role));
        let rows: Vec<(Row, String)> = self.read(scope, query).await?;
        let standing = |(row, role): (Row, String)| {
            let maker_role = text("memberships.role", &role, Role::from_name)?;
            Ok(KeyStanding { key: row.try_into()?, maker_role })
        };
        rows.into_iter().next().map(standing).transpose()
    }

    async fn list_by(&self, scope: &SystemScope, maker: UserId) -> StoreResult<Vec<ApiKey>> {
        let query = keys::table
            .filter(keys::created_by.eq(Uid::from(maker)))
            .order(keys::id)
            .select(Row::as_select());
        let rows: Vec<Row> = self.read(scope, query).await?;
        rows.into_iter().map(ApiKey::try_from).collect()
    }

    async fn note_use(&self, scope: &SystemScope, key: ApiKeyId, at: Timestamp) -> StoreResult<()> {
        let units: &dyn UnitOfWork<SystemUnit, SystemScope> = self;
        units
            .run(scope, async |unit| {
                let earlier = keys::last_used_at.is_null().or(keys::last_used_at.lt(Time(at)));
                let stored = keys::table.filter(keys::id.eq(Uid::from(key))).filter(earlier);
                let noted =
                    diesel::update(stored).set(keys::last_used_at.eq(Time(at))).execute(unit.conn()?).await;
                unit.note(noted).map(drop)
            })
            .await
    }
}
