//! Names for ids.

use super::AccountService;
use crate::{DirectoryEntry, EmailAddress, Person, UserStatus, error::IdentityResult};
use kernel::{SystemScope, UserId};

/// An account whose person may come in, as far as others may know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActiveAccount {
    /// Who, with their address and name.
    pub entry: DirectoryEntry,
    /// Whether they proved that the address is theirs.
    pub is_verified: bool,
}

impl AccountService {
    /// Names and addresses of users, for somebody who may know them: the caller has found the ids in a list that
    /// they may read, such as the members of their workspace. Unknown and deleted users are left out.
    ///
    /// # Errors
    /// The store's.
    pub async fn entries_of(&self, users: &[UserId]) -> IdentityResult<Vec<DirectoryEntry>> {
        if users.is_empty() {
            return Ok(Vec::new());
        }
        Ok(self.directory.list_entries(&SystemScope::for_authentication(), users).await?)
    }

    /// The account with this address, for somebody who names it to work with its owner; `None` when there is none, or
    /// its person may not come in.
    ///
    /// # Errors
    /// The store's.
    pub async fn active_by_email(&self, email: &EmailAddress) -> IdentityResult<Option<ActiveAccount>> {
        let found = self.directory.find_by_email(&SystemScope::for_authentication(), email).await?;
        let active = found.filter(|person| person.user.status == UserStatus::Active);
        Ok(active.map(|Person { user, profile }| ActiveAccount {
            is_verified: user.email_verified_at.is_some(),
            entry: DirectoryEntry { user_id: user.id, email: user.email, display_name: profile.display_name },
        }))
    }

    /// The account of this person, as [`Self::active_by_email`].
    ///
    /// # Errors
    /// The store's.
    pub async fn active_of(&self, user: UserId) -> IdentityResult<Option<ActiveAccount>> {
        let Some(entry) = self.entries_of(&[user]).await?.pop() else { return Ok(None) };
        let found = self.active_by_email(&entry.email).await?;
        Ok(found.filter(|account| account.entry.user_id == user))
    }
}
