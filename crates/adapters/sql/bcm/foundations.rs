use crate::{
    dialect::Backend,
    sql::{
        Store, TenantUnit, Time, Uid,
        json::{Json, from_json, to_json},
        schema::foundations,
    },
};
use async_trait::async_trait;
use bcm::{
    Foundation,
    ports::{FoundationReader, FoundationRepository},
};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use kernel::{StoreError, StoreResult, WorkspaceScope};

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = foundations, check_for_backend(Backend), treat_none_as_null = true)]
struct Row {
    id: Uid,
    workspace_id: Uid,
    content: Json,
    version: i32,
    created_at: Time,
    updated_at: Time,
}

impl TryFrom<&Foundation> for Row {
    type Error = StoreError;

    fn try_from(foundation: &Foundation) -> StoreResult<Self> {
        Ok(Self {
            id: foundation.id.into(),
            workspace_id: foundation.workspace_id.into(),
            content: to_json(&foundation.content)?,
            version: foundation.version,
            created_at: foundation.created_at.into(),
            updated_at: foundation.updated_at.into(),
        })
    }
}

impl TryFrom<Row> for Foundation {
    type Error = StoreError;

    fn try_from(row: Row) -> StoreResult<Self> {
        Ok(Self {
            id: row.id.into(),
            workspace_id: row.workspace_id.into(),
            content: from_json("foundations.content", row.content)?,
            version: row.version,
            created_at: row.created_at.0,
            updated_at: row.updated_at.0,
        })
    }
}

#[async_trait]
impl FoundationRepository for TenantUnit {
    async fn insert(&mut self, foundation: &Foundation) -> StoreResult<()> {
        let row = Row::try_from(foundation)?;
        let inserted = diesel::insert_into(foundations::table).values(row).execute(self.conn()?).await;
        self.note(inserted).map(drop)
    }

    async fn find(&mut self) -> StoreResult<Option<Foundation>> {
        let found = foundations::table
            .filter(foundations::workspace_id.eq(self.workspace()))
            .select(Row::as_select())
            .first::<Row>(self.conn()?)
            .await
            .optional();
        self.note(found)?.map(Foundation::try_from).transpose()
    }

    async fn save(&mut self, foundation: &Foundation, expected: i32) -> StoreResult<()> {
        let stored = foundations::table
            .filter(foundations::workspace_id.eq(self.workspace()))
            .filter(foundations::id.eq(Uid::from(foundation.id)))
            .filter(foundations::version.eq(expected));
        let saved = diesel::update(stored).set(Row::try_from(foundation)?).execute(self.conn()?).await;
        if self.note(saved)? == 1 { Ok(()) } else { Err(StoreError::Stale) }
    }
}

#[async_trait]
impl FoundationReader for Store {
    async fn find(&self, scope: &WorkspaceScope) -> StoreResult<Option<Foundation>> {
        let query = foundations::table
            .filter(foundations::workspace_id.eq(Uid::from(scope.workspace())))
            .select(Row::as_select());
        let rows: Vec<Row> = self.read(scope, query).await?;
        rows.into_iter().next().map(Foundation::try_from).transpose()
    }
}
