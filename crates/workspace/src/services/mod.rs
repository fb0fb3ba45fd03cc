//! The use cases.

mod accept_invitation;
mod add_member;
mod api_keys;
mod audit;
mod audit_export;
mod budget;
mod caller;
mod change_role;
mod colleagues;
mod create;
mod dead_letters;
mod delete;
mod departure;
mod events;
mod held;
mod invitations;
mod jobs;
mod members;
mod onboarding;
mod purge;
mod read;
mod refusals;
mod remove_member;
mod send_invitation;
mod transfer;
mod update;

pub use accept_invitation::{AcceptedInvitation, InvitedAccount, Offer};
pub use add_member::{AddMember, Added};
pub use api_keys::{ApiKeyService, CreateApiKey, KeyLogin};
pub use audit::AuditService;
pub use audit_export::{AuditExport, ExportFormat};
pub use budget::BudgetService;
pub use colleagues::ColleagueService;
pub use create::CreateWorkspace;
pub use dead_letters::DeadLetterService;
pub use delete::PURGED_AFTER;
pub use departure::{DepartureService, OwnedAlone};
pub use events::EventService;
pub use held::HeldService;
pub use invitations::InvitationService;
pub use jobs::{JobService, Replay};
pub use members::MemberService;
pub use onboarding::{APPLY_ONBOARDING, ONBOARDING_FINALIZED, OnboardingConsumer};
pub use purge::{PURGE_WORKSPACE, WorkspacePurger};
pub use refusals::Refusal;
pub use send_invitation::{SEND_INVITATION, SendInvitation};
pub use transfer::Transfer;
pub use update::UpdateWorkspace;

use crate::ports::{WorkspaceReader, WorkspaceUow};
use kernel::Environment;
use std::sync::Arc;

/// Makes, reads and changes workspaces.
#[derive(Clone)]
pub struct WorkspaceService {
    uow: Arc<WorkspaceUow>,
    reader: Arc<dyn WorkspaceReader>,
    env: Environment,
}

impl WorkspaceService {
    /// The use cases over these stores.
    #[must_use]
    pub fn new(uow: Arc<WorkspaceUow>, reader: Arc<dyn WorkspaceReader>, env: Environment) -> Self {
        Self { uow, reader, env }
    }
}
