//! What a workspace learns when its onboarding is finalised.

use super::WorkspaceService;
use crate::{Error, Result, model};
use async_trait::async_trait;
use kernel::{CallContext, Event, Job, JobFailure, JobHandler, TimeZone, WorkspaceScope};

/// The event that [`OnboardingConsumer`] consumes.
pub const ONBOARDING_FINALIZED: &str = "onboarding.finalized";

/// The kind of job that [`OnboardingConsumer`] handles.
pub const APPLY_ONBOARDING: &str = "workspace.apply_onboarding";

/// Consumer of [`ONBOARDING_FINALIZED`]; the job's payload is the event's envelope.
///
/// It takes the time zone over while the workspace still has the default, UTC. It never renames the workspace: the
/// name was chosen by a person, and the company's name is a guess at what they would choose now.
#[derive(Clone)]
pub struct OnboardingConsumer(WorkspaceService);

impl OnboardingConsumer {
    /// The consumer over the use cases.
    #[must_use]
    pub const fn new(workspaces: WorkspaceService) -> Self {
        Self(workspaces)
    }
}

#[async_trait]
impl JobHandler for OnboardingConsumer {
    fn kind(&self) -> &'static str {
        APPLY_ONBOARDING
    }

    async fn handle(&self, job: &Job) -> Result<(), JobFailure> {
        let event: Event = serde_json::from_value(job.payload.clone())
            .map_err(|error| JobFailure::Permanent(format!("the payload is no event: {error}")))?;
        let scope = WorkspaceScope::for_job(job)
            .ok_or_else(|| JobFailure::Permanent("the job belongs to no workspace".to_owned()))?;
        let Some(zone) = event.payload.get("time_zone").and_then(|zone| zone.as_str()) else { return Ok(()) };
        let zone = model::time_zone(zone).map_err(|violation| JobFailure::Permanent(violation.message))?;
        let settled = self.0.settle_time_zone(&job.context(), &scope, zone).await;
        settled.map_err(|error| JobFailure::of(&error))
    }
}

impl WorkspaceService {
    /// Gives the workspace this time zone unless it has one of its own. Idempotent.
    async fn settle_time_zone(
        &self,
        ctx: &CallContext,
        scope: &WorkspaceScope,
        zone: TimeZone,
    ) -> Result<()> {
        let now = self.env.now();
        self.uow
            .run(scope, async |tx| {
                let mut workspace = tx.workspaces().find().await?.ok_or(Error::NotFound)?;
                if workspace.time_zone != TimeZone::utc() || zone == workspace.time_zone {
                    return Ok(());
                }
                workspace.time_zone = zone;
                self.save(tx, ctx, &mut workspace, &["time_zone"], now).await
            })
            .await
    }
}
