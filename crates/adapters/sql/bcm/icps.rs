use crate::{
    dialect::Backend,
    sql::{
        Store, TenantUnit, Time, Uid,
        json::{Json, from_json, to_json},
        schema::icps,
    },
};
use async_trait::async_trait;
use bcm::{
    Icp,
    ports::{IcpReader, IcpRepository},
};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use kernel::{IcpId, Page, PageRequest, StoreError, StoreResult, WorkspaceScope};

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = icps, check_for_backend(Backend), treat_none_as_null = true)]
struct Row {
    id: Uid,
    workspace_id: Uid,
    priority: i32,
    profile: Json,
    version: i32,
    created_at: Time,
    updated_at: Time,
}

impl TryFrom<&Icp> for Row {
    type Error = StoreError;

    fn try_from(icp: &Icp) -> StoreResult<Self> {
        Ok(Self {
            id: icp.id.into(),
            workspace_id: icp.workspace_id.into(),
            priority: icp.profile.priority,
            profile: to_json(&icp.profile)?,
            version: icp.version,
            created_at: icp.created_at.into(),
            updated_at: icp.updated_at.into(),
        })
    }
}

impl TryFrom<Row> for Icp {
    type Error = StoreError;

    fn try_from(row: Row) -> StoreResult<Self> {
        Ok(Self {
            id: row.id.into(),
            workspace_id: row.workspace_id.into(),
            profile: from_json("icps.profile", row.profile)?,
            version: row.version,
            created_at: row.created_at.0,
            updated_at: row.updated_at.0,
        })
    }
}

fn icps_of(rows: Vec<Row>) -> StoreResult<Vec<Icp>> {
    rows.into_iter().map(Icp::try_from).collect()
}

#[async_trait]
impl IcpRepository for TenantUnit {
    async fn insert(&mut self, icp: &Icp) -> StoreResult<()> {
        let row = Row::try_from(icp)?;
        let inserted = diesel::insert_into(icps::table).values(row).execute(self.conn()?).await;
        self.note(inserted).map(drop)
    }

    async fn find(&mut self, id: IcpId) -> StoreResult<Option<Icp>> {
        let found = icps::table
            .filter(icps::workspace_id.eq(self.workspace()))
            .filter(icps::id.eq(Uid::from(id)))
            .select(Row::as_select())
            .first::<Row>(self.conn()?)
            .await
            .optional();
        self.note(found)?.map(Icp::try_from).transpose()
    }

    async fn list(&mut self) -> StoreResult<Vec<Icp>> {
        let found = icps::table
            .filter(icps::workspace_id.eq(self.workspace()))
            .order((icps::priority, icps::id))
            .select(Row::as_select())
            .load::<Row>(self.conn()?)
            .await;
        icps_of(self.note(found)?)
    }

    async fn save(&mut self, icp: &Icp, expected: i32) -> StoreResult<()> {
        let stored = icps::table
            .filter(icps::workspace_id.eq(self.workspace()))
            .filter(icps::id.eq(Uid::from(icp.id)))
            .filter(icps::version.eq(expected));
        let saved = diesel::update(stored).set(Row::try_from(icp)?).execute(self.conn()?).await;
        if self.note(saved)? == 1 { Ok(()) } else { Err(StoreError::Stale) }
    }

    async fn delete(&mut self, id: IcpId, expected: i32) -> StoreResult<()> {
        let stored = icps::table
            .filter(icps::workspace_id.eq(self.workspace()))
            .filter(icps::id.eq(Uid::from(id)))
            .filter(icps::version.eq(expected));
        let deleted = diesel::delete(stored).execute(self.conn()?).await;
        if self.note(deleted)? == 1 { Ok(()) } else { Err(StoreError::Stale) }
    }
}

#[async_trait]
impl IcpReader for Store {
    async fn find(&self, scope: &WorkspaceScope, id: IcpId) -> StoreResult<Option<Icp>> {
        let query = icps::table
            .filter(icps::workspace_id.eq(Uid::from(scope.workspace())))
            .filter(icps::id.eq(Uid::from(id)))
            .select(Row::as_select());
        let rows: Vec<Row> = self.read(scope, query).await?;
        rows.into_iter().next().map(Icp::try_from).transpose()
    }

    async fn existing(&self, scope: &WorkspaceScope, ids: &[IcpId]) -> StoreResult<Vec<IcpId>> {
        let wanted: Vec<Uid> = ids.iter().copied().map(Uid::from).collect();
        let query = icps::table
            .filter(icps::workspace_id.eq(Uid::from(scope.workspace())))
            .filter(icps::id.eq_any(wanted))
            .order(icps::id)
            .select(icps::id);
        let known: Vec<Uid> = self.read(scope, query).await?;
        Ok(known.into_iter().map(IcpId::from).collect())
    }

    async fn page(&self, scope: &WorkspaceScope, request: &PageRequest) -> StoreResult<Page<Icp>> {
        let mut query = icps::table
            .filter(icps::workspace_id.eq(Uid::from(scope.workspace())))
            .order(icps::id)
            .limit(i64::from(request.limit.get()) + 1)
            .select(Row::as_select())
            .into_boxed();
        if let Some(after) = request.after {
            query = query.filter(icps::id.gt(Uid(after)));
        }
        let rows: Vec<Row> = self.read(scope, query).await?;
        Ok(Page::cut(icps_of(rows)?, request.limit, |icp| icp.id.uuid()))
    }
}
