use async_trait::async_trait;
use bcm::services::IcpService;
use campaign::{Result, ports::IcpDirectory};
use kernel::{ForeignFailure, IcpId, WorkspaceScope};

/// Which ICPs there are, for campaigns.
pub(super) struct Icps(pub(super) IcpService);

#[async_trait]
impl IcpDirectory for Icps {
    async fn all_exist(&self, scope: &WorkspaceScope, ids: &[IcpId]) -> Result<bool> {
        Ok(self.0.all_exist(scope, ids).await.map_err(ForeignFailure::new)?)
    }
}
