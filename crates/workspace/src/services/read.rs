//! Reading workspaces.

use super::WorkspaceService;
use crate::{
    Error, Result,
    model::{MembershipKey, MyWorkspace, Workspace},
};
use kernel::{Area, Page, PageRequest, UserScope, WorkspaceScope};

impl WorkspaceService {
    /// The scope's workspace.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it was deleted since the scope was given.
    pub async fn get(&self, scope: &WorkspaceScope) -> Result<Workspace> {
        scope.require(Area::Workspaces.read())?;
        self.reader.find(scope).await?.ok_or(Error::NotFound)
    }

    /// The caller's workspaces, the oldest membership first.
    ///
    /// # Errors
    /// The store's.
    pub async fn list_mine(
        &self,
        caller: &UserScope,
        page: &PageRequest<MembershipKey>,
    ) -> Result<Page<MyWorkspace, MembershipKey>> {
        Ok(self.reader.list_mine(caller, page).await?)
    }

    /// The workspace that a request means when it names none: that of the caller's oldest membership, ties by id.
    ///
    /// # Errors
    /// The store's.
    pub async fn first_workspace(&self, caller: &UserScope) -> Result<Option<MyWorkspace>> {
        Ok(self.reader.first_of(caller).await?)
    }
}
