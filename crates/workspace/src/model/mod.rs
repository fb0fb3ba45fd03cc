//! Workspaces, slugs, memberships, invitations.

mod invitation;
mod membership;
mod roles;
mod settings;
mod slug;
mod workspace;

pub use invitation::{Invitation, InvitationInput, InvitationStatus, InvitationView};
pub use membership::{Account, Member, Membership, MembershipKey, MyWorkspace, Person};
pub use roles::role_to_change;
pub use settings::Settings;
pub use slug::Slug;
pub use workspace::{Workspace, WorkspaceInput, WorkspaceStatus};
pub(crate) use workspace::{name, time_zone};
