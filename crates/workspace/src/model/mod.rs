//! Workspaces, slugs, memberships, invitations, API keys, budgets, questions to the trail.

mod api_key;
mod audit;
mod budget;
mod invitation;
mod membership;
mod roles;
mod settings;
mod slug;
mod workspace;

pub use api_key::{ApiKey, IssuedKey, KeyInput, KeyStanding, KeyStatus};
pub(crate) use api_key::{expiry, key_name, prefix};
pub use audit::{Action, AuditFilter, PlatformAuditFilter};
pub(crate) use budget::limit;
pub use budget::{Budget, BudgetView, effective, next_month};
pub use invitation::{Invitation, InvitationInput, InvitationStatus, InvitationView};
pub use membership::{Account, Member, Membership, MembershipKey, MyWorkspace, Person};
pub use roles::role_to_change;
pub use settings::Settings;
pub use slug::Slug;
pub use workspace::{Workspace, WorkspaceInput, WorkspaceStatus};
pub(crate) use workspace::{name, time_zone};
