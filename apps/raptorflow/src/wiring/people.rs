use async_trait::async_trait;
use identity::services::AccountService;
use kernel::{Failure, StoreError, StoreResult, UserId};
use std::collections::HashMap;
use workspace::{Person, ports::Directory};

/// Names and addresses, for lists of members.
pub(super) struct People(pub(super) AccountService);

#[async_trait]
impl Directory for People {
    async fn people(&self, users: &[UserId]) -> StoreResult<HashMap<UserId, Person>> {
        let entries = self.0.entries_of(users).await.map_err(|error| match error.code().kind {
            kernel::ErrorKind::Unavailable => StoreError::Unavailable(error.to_string()),
            _ => StoreError::Internal(error.to_string()),
        })?;
        let person = |entry: identity::DirectoryEntry| {
            (entry.user_id, Person { email: entry.email.to_string(), display_name: entry.display_name })
        };
        Ok(entries.into_iter().map(person).collect())
    }
}
