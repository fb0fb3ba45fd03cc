//! The use cases.

mod api_keys;
mod budget;
mod create;
mod members;
mod onboarding;
mod read;
mod update;

pub use api_keys::{ApiKeyService, CreateApiKey, KeyLogin};
pub use budget::BudgetService;
pub use create::CreateWorkspace;
pub use members::MemberService;
pub use onboarding::{APPLY_ONBOARDING, ONBOARDING_FINALIZED, OnboardingConsumer};
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
