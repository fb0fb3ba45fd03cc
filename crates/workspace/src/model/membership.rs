//! Who belongs to a workspace.

use super::Workspace;
use kernel::{EmailAddress, Role, Timestamp, UserId, WorkspaceId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A person in a workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    /// Where.
    pub workspace_id: WorkspaceId,
    /// Who.
    pub user_id: UserId,
    /// What they may do.
    pub role: Role,
    /// Since when.
    pub joined_at: Timestamp,
}

/// Where a list of memberships goes on: the oldest first, ties by the id that the list is of (workspace or user).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct MembershipKey {
    /// When the person joined.
    pub joined_at: Timestamp,
    /// The workspace in a person's list, the person in a workspace's.
    pub id: Uuid,
}

/// A workspace as one of its members sees it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MyWorkspace {
    /// The workspace.
    pub workspace: Workspace,
    /// What the member may do in it.
    pub role: Role,
    /// Since when they are in it.
    pub joined_at: Timestamp,
}

impl MyWorkspace {
    /// Its place in the list of a person's workspaces.
    #[must_use]
    pub const fn key(&self) -> MembershipKey {
        MembershipKey { joined_at: self.joined_at, id: self.workspace.id.uuid() }
    }
}

impl Membership {
    /// Its place in the list of a workspace's members.
    #[must_use]
    pub const fn key(&self) -> MembershipKey {
        MembershipKey { joined_at: self.joined_at, id: self.user_id.uuid() }
    }
}

/// How a person is shown to the other members.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The address they log in with.
    pub email: String,
    /// What they want to be called.
    pub display_name: Option<String>,
}

/// An account whose person may come in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Whose.
    pub user_id: UserId,
    /// The address they log in with.
    pub email: EmailAddress,
    /// Whether they proved that the address is theirs.
    pub is_verified: bool,
    /// What they want to be called.
    pub display_name: Option<String>,
}

impl Account {
    /// How the other members see its person.
    #[must_use]
    pub fn person(&self) -> Person {
        Person { email: self.email.to_string(), display_name: self.display_name.clone() }
    }
}

/// A membership with the person it belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Role and date.
    pub membership: Membership,
    /// `None` when the directory knows the person no longer: an erased account.
    pub person: Option<Person>,
}
