//! Writing a failed login into the trail of the person whose account it was.

use crate::{UserStatus, events, ports::IdentityUow};
use async_trait::async_trait;
use kernel::{
    CallContext, Environment, EventId, Failure, Job, JobFailure, JobHandler, NewJob, StoreError, SystemScope,
    Timestamp, UserId,
};
use serde::{Deserialize, Serialize};
use std::{net::IpAddr, sync::Arc};

/// The kind of job that [`NoteFailedLogin`] handles.
const KIND: &str = "identity.note_failed_login";

#[derive(Debug, Serialize, Deserialize)]
struct Payload {
    /// Remembered from the enqueuing, so that a second run tells the same fact.
    event_id: EventId,
    /// `None` when nobody has the address that was tried: there is no trail then.
    user_id: Option<UserId>,
    address: Option<IpAddr>,
    user_agent: Option<String>,
    failed_at: Timestamp,
}

/// The job that notes a failure; the same work for a known and an unknown address.
pub(super) fn job(env: &Environment, ctx: &CallContext, user_id: Option<UserId>) -> NewJob {
    let payload = serde_json::json!({
        "event_id": env.id::<EventId>(),
        "user_id": user_id,
        "address": ctx.address,
        "user_agent": ctx.user_agent,
        "failed_at": env.now(),
    });
    NewJob::new(env, ctx, KIND, payload)
}

/// Handles the jobs that a failed login enqueues.
#[derive(Clone)]
pub struct NoteFailedLogin {
    uow: Arc<IdentityUow>,
    env: Environment,
}

impl NoteFailedLogin {
    /// The handler over this store.
    #[must_use]
    pub fn new(uow: Arc<IdentityUow>, env: Environment) -> Self {
        Self { uow, env }
    }

    async fn note(&self, ctx: &CallContext, payload: &Payload, user: UserId) -> Result<(), StoreError> {
        let scope = SystemScope::for_worker();
        let mut event = events::session_login_failed(&self.env, ctx, user);
        event.id = payload.event_id;
        event.address = payload.address;
        event.user_agent = payload.user_agent.clone();
        event.occurred_at = payload.failed_at;
        let work = self.uow.run(&scope, async |tx| {
            let found = tx.users().find(user).await?;
            // Where somebody tried to be a person who is being erased is nothing to begin to keep.
            if found.is_none_or(|user| user.status == UserStatus::Deleted) {
                return Ok(());
            }
            tx.events().append(event).await
        });
        work.await
    }
}

#[async_trait]
impl JobHandler for NoteFailedLogin {
    fn kind(&self) -> &'static str {
        KIND
    }

    async fn handle(&self, job: &Job) -> Result<(), JobFailure> {
        let payload = Payload::deserialize(&job.payload).map_err(|e| JobFailure::Permanent(e.to_string()))?;
        let Some(user) = payload.user_id else { return Ok(()) };
        match self.note(&job.context(), &payload, user).await {
            // The event's id is taken: an earlier run of this job has told it.
            Ok(()) | Err(StoreError::Conflict(_)) => Ok(()),
            Err(error) => Err(JobFailure::of(&error as &dyn Failure)),
        }
    }
}
