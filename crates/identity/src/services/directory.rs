//! Names for ids.

use super::AccountService;
use crate::{DirectoryEntry, error::IdentityResult};
use kernel::{SystemScope, UserId};

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
}
