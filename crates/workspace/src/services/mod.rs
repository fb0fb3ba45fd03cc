//! The use cases.

mod audit;
mod audit_export;
mod colleagues;
mod create;
mod members;
mod onboarding;
mod read;
mod refusals;
mod update;

pub use audit::AuditService;
pub use audit_export::{AuditExport, ExportFormat};
pub use colleagues::ColleagueService;
pub use create::CreateWorkspace;
pub use members::MemberService;
pub use onboarding::{APPLY_ONBOARDING, ONBOARDING_FINALIZED, OnboardingConsumer};
pub use refusals::Refusal;
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
