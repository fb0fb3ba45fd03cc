use async_trait::async_trait;
use identity::ports::{SoleOwnership, Tenancies};
use kernel::{CallContext, EmailAddress, StoreError, StoreResult, UserId};
use workspace::{Error, services::DepartureService};

/// Where a person is a member, for their erasure.
pub(super) struct Departures(pub(super) DepartureService);

#[async_trait]
impl Tenancies for Departures {
    async fn sole_ownerships(&self, person: UserId) -> StoreResult<Vec<SoleOwnership>> {
        let owned = self.0.owned_alone(person).await.map_err(store)?;
        let sole = owned.into_iter().map(|owned| SoleOwnership {
            workspace_id: owned.mine.workspace.id,
            name: owned.mine.workspace.name,
            has_other_members: owned.has_other_members,
        });
        Ok(sole.collect())
    }

    async fn leave_all(&self, ctx: &CallContext, person: UserId, address: &EmailAddress) -> StoreResult<()> {
        self.0.leave_all(ctx, person, address).await.map_err(store)
    }
}

fn store(error: Error) -> StoreError {
    match error {
        Error::Store(error) => error,
        other => StoreError::Internal(other.to_string()),
    }
}
