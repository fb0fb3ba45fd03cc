use async_trait::async_trait;
use kernel::{Job, JobFailure, JobHandler, NewJob};
use serde::Deserialize;
use std::{collections::HashMap, sync::Arc};

/// Ends what waits for jobs that were called off, as their own handlers know it.
pub(super) struct Burials(pub(super) HashMap<&'static str, Arc<dyn JobHandler>>);

#[async_trait]
impl JobHandler for Burials {
    fn kind(&self) -> &'static str {
        NewJob::BURIAL
    }

    async fn handle(&self, burial: &Job) -> Result<(), JobFailure> {
        let job = Job::deserialize(&burial.payload).map_err(|e| JobFailure::Permanent(e.to_string()))?;
        match self.0.get(job.kind.as_str()) {
            Some(handler) => handler.buried(&job, "it was called off").await,
            None => Err(JobFailure::Transient(format!("this build has no handler for `{}`", job.kind))),
        }
    }
}
