//! Workspaces, slugs, memberships.

mod membership;
mod settings;
mod slug;
mod workspace;

pub use membership::{Member, Membership, MembershipKey, MyWorkspace, Person};
pub use settings::Settings;
pub use slug::Slug;
pub use workspace::{Workspace, WorkspaceInput, WorkspaceStatus};
pub(crate) use workspace::{name, time_zone};
