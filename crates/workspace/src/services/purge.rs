//! What was deleted is forgotten.

use crate::{events, ports::WorkspacePurge};
use async_trait::async_trait;
use kernel::{Environment, Job, JobFailure, JobHandler, SystemScope};
use std::sync::Arc;

/// The kind of job that [`WorkspacePurger`] handles.
pub const PURGE_WORKSPACE: &str = "workspace.purge";

/// Handler of [`PURGE_WORKSPACE`]: forgets the deleted workspace of the job, and tells the platform's trail that it did.
#[derive(Clone)]
pub struct WorkspacePurger {
    /// The store.
    pub store: Arc<dyn WorkspacePurge>,
    /// Clock and ids.
    pub env: Environment,
}

#[async_trait]
impl JobHandler for WorkspacePurger {
    fn kind(&self) -> &'static str {
        PURGE_WORKSPACE
    }

    async fn handle(&self, job: &Job) -> Result<(), JobFailure> {
        // The purge takes its own job out of the workspace: one without has done its work.
        let Some(workspace) = job.workspace_id else { return Ok(()) };
        let told = events::purged(&self.env, &job.context(), workspace);
        let purged = self.store.purge(&SystemScope::for_worker(), workspace, job.id, told).await;
        purged.map(drop).map_err(|error| JobFailure::of(&error))
    }
}
