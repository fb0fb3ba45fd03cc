use async_trait::async_trait;
use identity::{IdentityError, services::AdministrationService};
use kernel::{CallContext, StoreError, StoreResult};
use workspace::ports::Administrators;

/// Who administers the platform, for the trail of the platform.
pub(super) struct PlatformAdministrators(pub(super) AdministrationService);

#[async_trait]
impl Administrators for PlatformAdministrators {
    async fn is_administrator(&self, ctx: &CallContext) -> StoreResult<bool> {
        self.0.is_administrator(ctx).await.map_err(|error| match error {
            IdentityError::Store(error) => error,
            other => StoreError::Internal(other.to_string()),
        })
    }
}
