use async_trait::async_trait;
use campaign::{Result, ports::WorkspaceCalendar};
use kernel::{ForeignFailure, TimeZone, WorkspaceScope};
use workspace::services::WorkspaceService;

/// The workspace's time zone, for campaigns.
pub(super) struct Calendar(pub(super) WorkspaceService);

#[async_trait]
impl WorkspaceCalendar for Calendar {
    async fn time_zone(&self, scope: &WorkspaceScope) -> Result<TimeZone> {
        Ok(self.0.get(&scope.delegated()).await.map_err(ForeignFailure::new)?.time_zone)
    }
}
