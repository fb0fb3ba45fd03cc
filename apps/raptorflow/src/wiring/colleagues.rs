use async_trait::async_trait;
use identity::ports::Colleagues;
use kernel::{StoreError, StoreResult, UserId, UserScope};
use workspace::services::ColleagueService;

/// Who works with whom, for profiles that colleagues may see.
pub(super) struct FellowMembers(pub(super) ColleagueService);

#[async_trait]
impl Colleagues for FellowMembers {
    async fn share_a_workspace(&self, scope: &UserScope, other: UserId) -> StoreResult<bool> {
        self.0.share_a_workspace(scope, other).await.map_err(|error| match error {
            workspace::Error::Store(error) => error,
            other => StoreError::Internal(other.to_string()),
        })
    }
}
