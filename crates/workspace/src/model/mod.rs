//! Workspaces, slugs, memberships, questions to the trail.

mod audit;
mod membership;
mod settings;
mod slug;
mod workspace;

pub use audit::{Action, AuditFilter, PlatformAuditFilter};
pub use membership::{Member, Membership, MembershipKey, MyWorkspace, Person};
pub use settings::Settings;
pub use slug::Slug;
pub use workspace::{Workspace, WorkspaceInput, WorkspaceStatus};
pub(crate) use workspace::{name, time_zone};
