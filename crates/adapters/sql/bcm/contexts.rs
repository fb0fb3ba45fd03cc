use crate::{
    dialect::Backend,
    sql::{
        Store, TenantUnit, Time, Uid, actor, actor_columns,
        schema::{business_contexts, context_versions},
        text,
    },
};
use async_trait::async_trait;
use bcm::{
    ContextSource, ContextSummary, ContextVersion,
    ports::{ContextReader, ContextRepository},
};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use kernel::{Page, PageRequest, StoreError, StoreResult, WorkspaceScope};

/// A version without its document.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = context_versions, check_for_backend(Backend))]
struct SummaryRow {
    id: Uid,
    workspace_id: Uid,
    number: i32,
    hash: String,
    previous_hash: Option<String>,
    source: String,
    reason: String,
    actor_kind: String,
    actor_id: Option<Uid>,
    completeness: i32,
    created_at: Time,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = context_versions, check_for_backend(Backend))]
struct Row {
    #[diesel(embed)]
    summary: SummaryRow,
    document: String,
}

impl From<&ContextVersion> for Row {
    fn from(version: &ContextVersion) -> Self {
        let (actor_kind, actor_id) = actor_columns(version.author);
        let summary = SummaryRow {
            id: version.id.into(),
            workspace_id: version.workspace_id.into(),
            number: version.number,
            hash: version.hash.clone(),
            previous_hash: version.previous_hash.clone(),
            source: version.source.name().to_owned(),
            reason: version.reason.clone(),
            actor_kind: actor_kind.to_owned(),
            actor_id,
            completeness: i32::from(version.completeness),
            created_at: version.created_at.into(),
        };
        Self { summary, document: version.document.clone() }
    }
}

impl TryFrom<SummaryRow> for ContextSummary {
    type Error = StoreError;

    fn try_from(row: SummaryRow) -> StoreResult<Self> {
        let percent = u8::try_from(row.completeness);
        Ok(Self {
            id: row.id.into(),
            number: row.number,
            hash: row.hash,
            previous_hash: row.previous_hash,
            source: text("context_versions.source", &row.source, ContextSource::from_name)?,
            reason: row.reason,
            author: actor(&row.actor_kind, row.actor_id)?,
            completeness: percent
                .map_err(|error| StoreError::Corrupt(format!("context_versions.completeness: {error}")))?,
            created_at: row.created_at.0,
        })
    }
}

impl TryFrom<Row> for ContextVersion {
    type Error = StoreError;

    fn try_from(row: Row) -> StoreResult<Self> {
        let workspace_id = row.summary.workspace_id.into();
        let summary = ContextSummary::try_from(row.summary)?;
        Ok(Self {
            id: summary.id,
            workspace_id,
            number: summary.number,
            document: row.document,
            hash: summary.hash,
            previous_hash: summary.previous_hash,
            source: summary.source,
            reason: summary.reason,
            author: summary.author,
            completeness: summary.completeness,
            created_at: summary.created_at,
        })
    }
}

fn first(rows: Vec<Row>) -> StoreResult<Option<ContextVersion>> {
    rows.into_iter().next().map(ContextVersion::try_from).transpose()
}

impl TenantUnit {
    /// Makes `number` the current one after the one before it; false when another one is current.
    async fn advance_context(&mut self, number: i32) -> StoreResult<bool> {
        let workspace = self.workspace();
        let moved = if number == 1 {
            let fresh =
                (business_contexts::workspace_id.eq(workspace), business_contexts::current_number.eq(number));
            diesel::insert_into(business_contexts::table)
                .values(fresh)
                .on_conflict(business_contexts::workspace_id)
                .do_nothing()
                .execute(self.conn()?)
                .await
        } else {
            let Some(before) = number.checked_sub(1) else { return Ok(false) };
            let current = business_contexts::table
                .filter(business_contexts::workspace_id.eq(workspace))
                .filter(business_contexts::current_number.eq(before));
            diesel::update(current)
                .set(business_contexts::current_number.eq(number))
                .execute(self.conn()?)
                .await
        };
        Ok(self.note(moved)? == 1)
    }
}

#[async_trait]
impl ContextRepository for TenantUnit {
    async fn current(&mut self) -> StoreResult<Option<ContextVersion>> {
        let found = context_versions::table
            .filter(context_versions::workspace_id.eq(self.workspace()))
            .order(context_versions::number.desc())
            .limit(1)
            .select(Row::as_select())
            .load::<Row>(self.conn()?)
            .await;
        first(self.note(found)?)
    }

    async fn find(&mut self, number: i32) -> StoreResult<Option<ContextVersion>> {
        let found = context_versions::table
            .filter(context_versions::workspace_id.eq(self.workspace()))
            .filter(context_versions::number.eq(number))
            .select(Row::as_select())
            .load::<Row>(self.conn()?)
            .await;
        first(self.note(found)?)
    }

    async fn append(&mut self, version: &ContextVersion) -> StoreResult<()> {
        if !self.advance_context(version.number).await? {
            return Err(StoreError::Stale);
        }
        let inserted = diesel::insert_into(context_versions::table)
            .values(Row::from(version))
            .execute(self.conn()?)
            .await;
        self.note(inserted).map(drop)
    }
}

#[async_trait]
impl ContextReader for Store {
    async fn current(&self, scope: &WorkspaceScope) -> StoreResult<Option<ContextVersion>> {
        let query = context_versions::table
            .filter(context_versions::workspace_id.eq(Uid::from(scope.workspace())))
            .order(context_versions::number.desc())
            .limit(1)
            .select(Row::as_select());
        first(self.read(scope, query).await?)
    }

    async fn find(&self, scope: &WorkspaceScope, number: i32) -> StoreResult<Option<ContextVersion>> {
        let query = context_versions::table
            .filter(context_versions::workspace_id.eq(Uid::from(scope.workspace())))
            .filter(context_versions::number.eq(number))
            .select(Row::as_select());
        first(self.read(scope, query).await?)
    }

    async fn page(
        &self,
        scope: &WorkspaceScope,
        request: &PageRequest<i32>,
    ) -> StoreResult<Page<ContextSummary, i32>> {
        let mut query = context_versions::table
            .filter(context_versions::workspace_id.eq(Uid::from(scope.workspace())))
            .order(context_versions::number.desc())
            .limit(i64::from(request.limit.get()) + 1)
            .select(SummaryRow::as_select())
            .into_boxed();
        if let Some(after) = request.after {
            query = query.filter(context_versions::number.lt(after));
        }
        let rows: Vec<SummaryRow> = self.read(scope, query).await?;
        let summaries = rows.into_iter().map(ContextSummary::try_from).collect::<StoreResult<Vec<_>>>()?;
        Ok(Page::cut(summaries, request.limit, |summary| summary.number))
    }

    async fn chain(
        &self,
        scope: &WorkspaceScope,
        after: i32,
        limit: u32,
    ) -> StoreResult<Vec<ContextVersion>> {
        let query = context_versions::table
            .filter(context_versions::workspace_id.eq(Uid::from(scope.workspace())))
            .filter(context_versions::number.gt(after))
            .order(context_versions::number)
            .limit(i64::from(limit))
            .select(Row::as_select());
        let rows: Vec<Row> = self.read(scope, query).await?;
        rows.into_iter().map(ContextVersion::try_from).collect()
    }
}
