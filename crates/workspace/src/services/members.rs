//! Listing the people in a workspace.

use super::InvitationService;
use crate::{
    Result,
    model::{Member, Membership, MembershipKey},
    ports::{Directory, MembershipReader, WorkspaceUow},
};
use kernel::{Area, Environment, Page, PageRequest, WorkspaceScope};
use std::sync::Arc;

/// Reads and changes who is a member of a workspace.
#[derive(Clone)]
pub struct MemberService {
    pub(super) uow: Arc<WorkspaceUow>,
    pub(super) reader: Arc<dyn MembershipReader>,
    pub(super) directory: Arc<dyn Directory>,
    pub(super) invitations: InvitationService,
    pub(super) env: Environment,
}

impl MemberService {
    /// The use cases over these ports; `invitations` are for those who have no account.
    #[must_use]
    pub fn new(
        uow: Arc<WorkspaceUow>,
        reader: Arc<dyn MembershipReader>,
        directory: Arc<dyn Directory>,
        invitations: InvitationService,
        env: Environment,
    ) -> Self {
        Self { uow, reader, directory, invitations, env }
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
        let Page { items, next } = self.reader.page(scope, page).await?;
        Ok(Page { items: self.named(items).await?, next })
    }

    /// The memberships with the names that the directory knows.
    pub(super) async fn named(&self, memberships: Vec<Membership>) -> Result<Vec<Member>> {
        let users: Vec<_> = memberships.iter().map(|membership| membership.user_id).collect();
        let mut people =
            if users.is_empty() { Default::default() } else { self.directory.people(&users).await? };
        let member =
            |membership: Membership| Member { membership, person: people.remove(&membership.user_id) };
        Ok(memberships.into_iter().map(member).collect())
    }
}
