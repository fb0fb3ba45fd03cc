//! Listing the people in a workspace.

use crate::{
    Result,
    model::{Member, MembershipKey},
    ports::{Directory, MembershipReader},
};
use kernel::{Area, Page, PageRequest, WorkspaceScope};
use std::sync::Arc;

/// Reads the members of a workspace.
#[derive(Clone)]
pub struct MemberService {
    reader: Arc<dyn MembershipReader>,
    directory: Arc<dyn Directory>,
}

impl MemberService {
    /// The use cases over these ports.
    #[must_use]
    pub fn new(reader: Arc<dyn MembershipReader>, directory: Arc<dyn Directory>) -> Self {
        Self { reader, directory }
    }

    /// The members with their names, the oldest membership first.
    ///
    /// # Errors
    /// The stores'.
    pub async fn list(
        &self,
        scope: &WorkspaceScope,
        page: &PageRequest<MembershipKey>,
    ) -> Result<Page<Member, MembershipKey>> {
        scope.require(Area::Members.read())?;
        let page = self.reader.page(scope, page).await?;
        let users: Vec<_> = page.items.iter().map(|membership| membership.user_id).collect();
        let mut people =
            if users.is_empty() { Default::default() } else { self.directory.people(&users).await? };
        Ok(page.map(|membership| Member { membership, person: people.remove(&membership.user_id) }))
    }
}
