//! Who works with whom.

use crate::{
    Result,
    ports::{MembershipReader, WorkspaceReader},
};
use kernel::{Limit, PageRequest, UserId, UserScope};
use std::sync::Arc;

/// Knows who works with whom.
#[derive(Clone)]
pub struct ColleagueService {
    /// Where a person is a member.
    pub workspaces: Arc<dyn WorkspaceReader>,
    /// Who else is.
    pub members: Arc<dyn MembershipReader>,
}

impl ColleagueService {
    /// Whether the other person is a member of a live workspace of the caller's.
    ///
    /// # Errors
    /// The stores'.
    pub async fn share_a_workspace(&self, caller: &UserScope, other: UserId) -> Result<bool> {
        let mut request = PageRequest { limit: Limit::new(100).unwrap_or(Limit::DEFAULT), after: None };
        loop {
            let page = self.workspaces.list_mine(caller, &request).await?;
            let mine: Vec<_> = page.items.iter().map(|mine| mine.workspace.id).collect();
            if mine.is_empty() {
                return Ok(false);
            }
            if self.members.is_in_any(other, &mine).await? {
                return Ok(true);
            }
            match page.next {
                Some(after) => request.after = Some(after),
                None => return Ok(false),
            }
        }
    }
}
