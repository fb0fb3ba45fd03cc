use crate::{
    dialect::Backend,
    sql::{Store, Time, Uid, events::TrailRow, schema::events},
};
use async_trait::async_trait;
use diesel::prelude::*;
use kernel::{AuditEntry, Page, PageRequest, StoreResult, SystemScope, WorkspaceScope};
use workspace::{
    AuditFilter, PlatformAuditFilter,
    ports::{AuditReader, PlatformAuditReader},
};

type Query<'q> = events::BoxedQuery<'q, Backend>;

/// The facts that the filter shows; by comparisons that keep their indexes under row-level security.
fn shown<'q>(filter: &'q AuditFilter, mut query: Query<'q>) -> Query<'q> {
    if let Some(actor) = filter.actor_id {
        query = query.filter(events::actor_id.eq(Uid(actor)));
    }
    if let Some(action) = &filter.action {
        query = match action.end_of_prefix() {
            Some(end) => {
                query.filter(events::event_type.ge(action.as_str())).filter(events::event_type.lt(end))
            }
            None => query.filter(events::event_type.eq(action.as_str())),
        };
    }
    if let Some(kind) = &filter.subject_kind {
        query = query.filter(events::subject_kind.eq(kind));
    }
    if let Some(subject) = filter.subject_id {
        query = query.filter(events::subject_id.eq(Uid(subject)));
    }
    if let Some(from) = filter.from {
        query = query.filter(events::occurred_at.ge(Time(from)));
    }
    if let Some(to) = filter.to {
        query = query.filter(events::occurred_at.lt(Time(to)));
    }
    query
}

fn entries(rows: Vec<TrailRow>) -> StoreResult<Vec<AuditEntry>> {
    rows.into_iter().map(AuditEntry::try_from).collect()
}

#[async_trait]
impl AuditReader for Store {
    async fn page(
        &self,
        scope: &WorkspaceScope,
        filter: &AuditFilter,
        request: &PageRequest<i64>,
    ) -> StoreResult<Page<AuditEntry, i64>> {
        let mine = events::table
            .into_boxed()
            .filter(events::workspace_id.eq(Uid::from(scope.workspace())))
            .order(events::number.desc())
            .limit(i64::from(request.limit.get()) + 1);
        let mut query = shown(filter, mine);
        if let Some(after) = request.after {
            query = query.filter(events::number.lt(after));
        }
        let rows: Vec<TrailRow> = self.read(scope, query.select(TrailRow::as_select())).await?;
        Ok(Page::cut(entries(rows)?, request.limit, |entry| entry.event.number))
    }
}

#[async_trait]
impl PlatformAuditReader for Store {
    async fn page_all(
        &self,
        scope: &SystemScope,
        filter: &PlatformAuditFilter,
        request: &PageRequest,
    ) -> StoreResult<Page<AuditEntry>> {
        let all =
            events::table.into_boxed().order(events::id.desc()).limit(i64::from(request.limit.get()) + 1);
        let mut query = shown(&filter.facts, all);
        if let Some(workspace) = filter.workspace_id {
            query = query.filter(events::workspace_id.eq(Uid::from(workspace)));
        }
        if let Some(user) = filter.user_id {
            query = query.filter(events::user_id.eq(Uid::from(user)));
        }
        if let Some(after) = request.after {
            query = query.filter(events::id.lt(Uid(after)));
        }
        let rows: Vec<TrailRow> = self.read(scope, query.select(TrailRow::as_select())).await?;
        Ok(Page::cut(entries(rows)?, request.limit, |entry| entry.event.id.uuid()))
    }
}
