use async_trait::async_trait;
use identity::{
    DirectoryEntry, IdentityError,
    services::{AccountService, ActiveAccount},
};
use kernel::{EmailAddress, Failure, StoreError, StoreResult, UserId};
use std::collections::HashMap;
use workspace::{Account, Person, ports::Directory};

/// Names and addresses, for lists of members and for who is to become one.
pub(super) struct People(pub(super) AccountService);

#[async_trait]
impl Directory for People {
    async fn find_by_email(&self, email: &EmailAddress) -> StoreResult<Option<Account>> {
        let found = self.0.active_by_email(email).await.map_err(failed)?;
        Ok(found.map(account))
    }

    async fn find(&self, user: UserId) -> StoreResult<Option<Account>> {
        let found = self.0.active_of(user).await.map_err(failed)?;
        Ok(found.map(account))
    }

    async fn people(&self, users: &[UserId]) -> StoreResult<HashMap<UserId, Person>> {
        let entries = self.0.entries_of(users).await.map_err(failed)?;
        let person = |entry: DirectoryEntry| {
            (entry.user_id, Person { email: entry.email.to_string(), display_name: entry.display_name })
        };
        Ok(entries.into_iter().map(person).collect())
    }
}

fn account(ActiveAccount { entry, is_verified }: ActiveAccount) -> Account {
    let DirectoryEntry { user_id, email, display_name } = entry;
    Account { user_id, email, is_verified, display_name }
}

fn failed(error: IdentityError) -> StoreError {
    match error.code().kind {
        kernel::ErrorKind::Unavailable => StoreError::Unavailable(error.to_string()),
        _ => StoreError::Internal(error.to_string()),
    }
}
