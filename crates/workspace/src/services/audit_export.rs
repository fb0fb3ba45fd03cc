//! Taking the audit trail away as a file.

use super::AuditService;
use crate::{Result, events, model::AuditFilter, ports::AuditReader};
use kernel::{Area, AuditEntry, CallContext, Limit, PageRequest, Role, StoreResult, WorkspaceScope};
use std::sync::Arc;

/// What kind of file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExportFormat {
    /// One JSON object per line.
    #[default]
    Jsonl,
    /// Comma-separated values (RFC 4180).
    Csv,
}

impl ExportFormat {
    /// Every format.
    pub const ALL: [Self; 2] = [Self::Jsonl, Self::Csv];

    /// The stable name, as on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Jsonl => "jsonl",
            Self::Csv => "csv",
        }
    }
}

/// A trail on its way out: page by page, so that no more than one is held, however long the trail is.
pub struct AuditExport {
    trail: Arc<dyn AuditReader>,
    scope: WorkspaceScope,
    filter: AuditFilter,
    /// The sort key to go on from; `None` at the end.
    next: Option<PageRequest<i64>>,
}

impl AuditExport {
    /// The next facts, the newest first; `None` at the end. Facts that are told meanwhile are not among them.
    ///
    /// # Errors
    /// The store's.
    pub async fn next(&mut self) -> StoreResult<Option<Vec<AuditEntry>>> {
        let Some(request) = self.next.take() else { return Ok(None) };
        let page = self.trail.page(&self.scope, &self.filter, &request).await?;
        self.next = page.next.map(|after| PageRequest { after: Some(after), ..request });
        Ok(Some(page.items))
    }
}

impl AuditService {
    /// Begins an export of the facts that the filter shows, and tells of it: the trail of who took the trail is part of
    /// it.
    ///
    /// # Errors
    /// [`Error::Denied`](crate::Error::Denied) below admin, or the store's.
    pub async fn export(
        &self,
        ctx: &CallContext,
        scope: &WorkspaceScope,
        filter: AuditFilter,
        format: ExportFormat,
    ) -> Result<AuditExport> {
        scope.require(Area::Audit.read().by(Role::Admin))?;
        let filters = named(&filter);
        let told = events::audit_exported(&self.env, ctx, scope.workspace(), format, &filters);
        self.uow.run::<_, crate::Error, _>(scope, async |tx| Ok(tx.events().append(told).await?)).await?;
        let most = Limit::new(100).unwrap_or(Limit::DEFAULT);
        let next = Some(PageRequest { limit: most, after: None });
        Ok(AuditExport { trail: self.trail.clone(), scope: *scope, filter, next })
    }
}

/// The names of what narrows the trail.
fn named(filter: &AuditFilter) -> Vec<&'static str> {
    let all = [
        ("actor_id", filter.actor_id.is_some()),
        ("action", filter.action.is_some()),
        ("subject_kind", filter.subject_kind.is_some()),
        ("subject_id", filter.subject_id.is_some()),
        ("from", filter.from.is_some()),
        ("to", filter.to.is_some()),
    ];
    all.into_iter().filter(|(_, is_there)| *is_there).map(|(name, _)| name).collect()
}
