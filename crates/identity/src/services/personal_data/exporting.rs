//! Putting a large export together in the background, and taking it away when it has expired.

use super::PersonalDataService;
use crate::{IdentityError, PersonExport, UserStatus, error::IdentityResult, events};
use async_trait::async_trait;
use kernel::{
    CallContext, Environment, EventId, Failure, Job, JobFailure, JobHandler, NewJob, StoreError, SystemScope,
    UserId, UserScope,
};
use serde::{Deserialize, Serialize};

/// The kind of job that [`ExportPerson`] handles.
const EXPORT: &str = "identity.export";
/// The kind of job that [`PurgeExports`] handles.
const PURGE: &str = "identity.purge_exports";

#[derive(Debug, Serialize, Deserialize)]
struct Payload {
    user_id: UserId,
    /// Remembered from the enqueuing, so that a second run tells the same fact.
    event_id: EventId,
}

/// The job that puts the caller's export together; one at a time.
pub(super) fn job(env: &Environment, ctx: &CallContext, user_id: UserId) -> NewJob {
    let payload = serde_json::json!({ "user_id": user_id, "event_id": env.id::<EventId>() });
    NewJob::new(env, ctx, EXPORT, payload).deduplicated(user_id.to_string())
}

/// Handles the jobs that large exports enqueue.
#[derive(Clone)]
pub struct ExportPerson(PersonalDataService);

impl ExportPerson {
    /// The handler over the use cases.
    #[must_use]
    pub const fn new(service: PersonalDataService) -> Self {
        Self(service)
    }

    async fn put_together(&self, ctx: &CallContext, payload: &Payload) -> IdentityResult<()> {
        let scope = UserScope::of(ctx).filter(|scope| scope.user() == payload.user_id);
        let scope = scope.ok_or(IdentityError::Unauthenticated)?;
        let env = &self.0.env;
        let export = PersonExport::new(scope.user(), self.0.document(&scope).await?, env.now());
        let mut told = events::user_exported(env, ctx, scope.user());
        told.id = payload.event_id;
        let purge = NewJob::new(env, ctx, PURGE, serde_json::json!({}));
        let purge = NewJob { run_at: export.expires_at, ..purge };
        let system = SystemScope::for_personal_data();
        let work = self.0.uow.run(&system, async |tx| {
            let person = tx.people().find_person(scope.user()).await?;
            // Erased meanwhile: nothing may be kept of them.
            if person.is_none_or(|person| person.user.status == UserStatus::Deleted) {
                return Ok(());
            }
            tx.personal_data().save_export(&export).await?;
            tx.jobs().enqueue(purge).await?;
            tx.events().append(told).await?;
            Ok(())
        });
        work.await
    }
}

#[async_trait]
impl JobHandler for ExportPerson {
    fn kind(&self) -> &'static str {
        EXPORT
    }

    async fn handle(&self, job: &Job) -> Result<(), JobFailure> {
        let payload = Payload::deserialize(&job.payload).map_err(|e| JobFailure::Permanent(e.to_string()))?;
        match self.put_together(&job.context(), &payload).await {
            // The event's id is taken: an earlier run of this job has done it all.
            Ok(()) | Err(IdentityError::Store(StoreError::Conflict(_))) => Ok(()),
            Err(error) => Err(JobFailure::of(&error as &dyn Failure)),
        }
    }
}

/// Removes the exports whose time is over.
#[derive(Clone)]
pub struct PurgeExports(PersonalDataService);

impl PurgeExports {
    /// The handler over the use cases.
    #[must_use]
    pub const fn new(service: PersonalDataService) -> Self {
        Self(service)
    }
}

#[async_trait]
impl JobHandler for PurgeExports {
    fn kind(&self) -> &'static str {
        PURGE
    }

    async fn handle(&self, _: &Job) -> Result<(), JobFailure> {
        let (scope, now) = (SystemScope::for_personal_data(), self.0.env.now());
        let work = self
            .0
            .uow
            .run::<_, StoreError, _>(&scope, async |tx| tx.personal_data().drop_expired_exports(now).await);
        work.await.map_err(|error| JobFailure::of(&error as &dyn Failure))
    }
}
