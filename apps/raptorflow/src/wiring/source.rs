use agents::{
    Result,
    ports::{ContextSource, CurrentContext},
};
use async_trait::async_trait;
use bcm::services::ContextService;
use kernel::{ForeignFailure, StoreError, TimeZone, WorkspaceScope};
use workspace::services::WorkspaceService;

/// The business context and the workspace's time zone, for agents.
pub(super) struct Source {
    pub(super) contexts: ContextService,
    pub(super) workspaces: WorkspaceService,
}

#[async_trait]
impl ContextSource for Source {
    async fn current(&self, scope: &WorkspaceScope) -> Result<Option<CurrentContext>> {
        let version = match self.contexts.current(&scope.delegated()).await {
            Ok(version) => version,
            Err(bcm::Error::NotFound) => return Ok(None),
            Err(error) => return Err(ForeignFailure::new(error).into()),
        };
        let document = serde_json::from_str(&version.document)
            .map_err(|error| StoreError::Corrupt(error.to_string()))?;
        Ok(Some(CurrentContext { version: version.number, document }))
    }

    async fn time_zone(&self, scope: &WorkspaceScope) -> Result<TimeZone> {
        Ok(self.workspaces.get(&scope.delegated()).await.map_err(ForeignFailure::new)?.time_zone)
    }
}
