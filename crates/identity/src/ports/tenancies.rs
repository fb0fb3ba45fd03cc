//! What is asked of workspaces when somebody goes.

use crate::EmailAddress;
use async_trait::async_trait;
use kernel::{CallContext, StoreResult, UserId, WorkspaceId};

/// A live workspace that has no owner but one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SoleOwnership {
    /// Which.
    pub workspace_id: WorkspaceId,
    /// Its name.
    pub name: String,
    /// Whether anybody else is a member.
    pub has_other_members: bool,
}

/// Knows where a person is a member, for their leaving.
#[async_trait]
pub trait Tenancies: Send + Sync {
    /// Live workspaces that the person alone owns, by id.
    async fn sole_ownerships(&self, person: UserId) -> StoreResult<Vec<SoleOwnership>>;
    /// Takes the person, who has been deleted, out of every workspace, and their address out of what was sent to it.
    /// MUST be idempotent; MUST delete the workspaces in which nobody else is; MUST leave none without an owner.
    async fn leave_all(&self, ctx: &CallContext, person: UserId, address: &EmailAddress) -> StoreResult<()>;
}
