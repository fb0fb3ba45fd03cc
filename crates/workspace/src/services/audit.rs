//! Reading the audit trail.

use crate::{
    Result,
    model::{AuditFilter, PlatformAuditFilter},
    ports::{Administrators, AuditReader, PlatformAuditReader, WorkspaceUow},
};
use kernel::{
    Area, AuditEntry, CallContext, Denied, Environment, Page, PageRequest, Role, SystemScope, WorkspaceScope,
};
use std::sync::Arc;

/// The trail of a workspace, and of the platform.
#[derive(Clone)]
pub struct AuditService {
    /// Where what is done with the trail is told.
    pub uow: Arc<WorkspaceUow>,
    /// One workspace's facts.
    pub trail: Arc<dyn AuditReader>,
    /// Everybody's.
    pub platform: Arc<dyn PlatformAuditReader>,
    /// Who may see everybody's.
    pub administrators: Arc<dyn Administrators>,
    /// Clock and ids.
    pub env: Environment,
}

impl AuditService {
    /// The workspace's facts, the newest first.
    ///
    /// # Errors
    /// [`Error::Denied`](crate::Error::Denied) below admin, or the store's.
    pub async fn list(
        &self,
        scope: &WorkspaceScope,
        filter: &AuditFilter,
        page: &PageRequest<i64>,
    ) -> Result<Page<AuditEntry, i64>> {
        scope.require(Area::Audit.read().by(Role::Admin))?;
        Ok(self.trail.page(scope, filter, page).await?)
    }

    /// Everybody's facts, the newest first, for an administrator of the platform.
    ///
    /// # Errors
    /// [`Error::Denied`](crate::Error::Denied) for anybody else, or the stores'.
    pub async fn list_all(
        &self,
        ctx: &CallContext,
        filter: &PlatformAuditFilter,
        page: &PageRequest,
    ) -> Result<Page<AuditEntry>> {
        if !self.administrators.is_administrator(ctx).await? {
            return Err(Denied::Administrator.into());
        }
        Ok(self.platform.page_all(&SystemScope::for_administration(), filter, page).await?)
    }
}
