use crate::store::Store;
use ::workspace::{
    AuditFilter, PlatformAuditFilter,
    ports::{AuditReader, PlatformAuditReader},
};
use async_trait::async_trait;
use kernel::{AuditEntry, Page, PageRequest, StoreResult, SystemScope, WorkspaceScope};
use std::cmp::Reverse;

#[async_trait]
impl AuditReader for Store {
    async fn page(
        &self,
        scope: &WorkspaceScope,
        filter: &AuditFilter,
        request: &PageRequest<i64>,
    ) -> StoreResult<Page<AuditEntry, i64>> {
        let state = self.state().await?;
        let mine = state.events.rows.iter().map(|row| &row.entry).filter(|entry| {
            entry.event.workspace_id == Some(scope.workspace())
                && filter.matches(&entry.event)
                && request.after.is_none_or(|after| entry.event.number < after)
        });
        let mut rows: Vec<AuditEntry> = mine.cloned().collect();
        rows.sort_by_key(|entry| Reverse(entry.event.number));
        Ok(Page::cut(rows, request.limit, |entry| entry.event.number))
    }
}

#[async_trait]
impl PlatformAuditReader for Store {
    async fn page_all(
        &self,
        _: &SystemScope,
        filter: &PlatformAuditFilter,
        request: &PageRequest,
    ) -> StoreResult<Page<AuditEntry>> {
        let state = self.state().await?;
        let all = state.events.rows.iter().map(|row| &row.entry).filter(|entry| {
            filter.matches(&entry.event) && request.after.is_none_or(|after| entry.event.id.uuid() < after)
        });
        let mut rows: Vec<AuditEntry> = all.cloned().collect();
        rows.sort_by_key(|entry| Reverse(entry.event.id));
        Ok(Page::cut(rows, request.limit, |entry| entry.event.id.uuid()))
    }
}
