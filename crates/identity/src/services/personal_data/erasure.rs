//! Taking away what is held of a person who has been deleted.

use super::PersonalDataService;
use crate::{EmailAddress, IdentityError, Person, Profile, User, UserStatus, error::IdentityResult, events};
use async_trait::async_trait;
use kernel::{
    CallContext, Environment, Failure, Job, JobFailure, JobHandler, NewJob, StoreError, SystemScope, UserId,
};
use serde::{Deserialize, Serialize};

/// The kind of job that [`ErasePerson`] handles.
const KIND: &str = "identity.erase";

#[derive(Debug, Serialize, Deserialize)]
struct Payload {
    user_id: UserId,
}

/// The job that erases a person; one at a time.
pub(super) fn job(env: &Environment, ctx: &CallContext, user_id: UserId) -> NewJob {
    let payload = serde_json::json!({ "user_id": user_id });
    NewJob::new(env, ctx, KIND, payload).deduplicated(user_id.to_string())
}

/// Handles the jobs that deletions enqueue. Run again, it finds everything done.
#[derive(Clone)]
pub struct ErasePerson(PersonalDataService);

impl ErasePerson {
    /// The handler over the use cases.
    #[must_use]
    pub const fn new(service: PersonalDataService) -> Self {
        Self(service)
    }

    async fn erase(&self, ctx: &CallContext, id: UserId) -> IdentityResult<()> {
        let scope = SystemScope::for_personal_data();
        let found = self.0.uow.run(&scope, async |tx| tx.people().find_person(id).await).await;
        let deleted = |person: &Person| person.user.status == UserStatus::Deleted;
        let found = found.map_err(IdentityError::Store)?.filter(deleted);
        let person = found.ok_or(IdentityError::NotFound)?;
        // The address goes last: until then a second run knows what to look for.
        self.0.tenancies.leave_all(ctx, id, &person.user.email).await?;
        self.0.traces.forget_traces(&scope, &person).await.map_err(IdentityError::Store)?;
        let work = self.0.uow.run(&scope, async |tx| {
            let Some(person) = tx.people().find_person(id).await?.filter(deleted) else { return Ok(()) };
            tx.personal_data().erase(&person).await?;
            let emptied = emptied(&person)?;
            if emptied == person {
                return Ok(());
            }
            tx.users().save(&emptied.user, person.user.version).await?;
            tx.people().save_profile(&emptied.profile).await?;
            tx.events().append(events::user_erased(&self.0.env, ctx, id)).await?;
            Ok(())
        });
        work.await
    }
}

/// What stays of a person: the id that the trail and the ledger refer to.
fn emptied(person: &Person) -> Result<Person, StoreError> {
    let id = person.user.id;
    let email = EmailAddress::parse(&format!("erased-{id}@erased.invalid"))
        .map_err(|violation| StoreError::Internal(violation.message))?;
    let is_done = person.user.email == email;
    let user = User {
        email,
        email_verified_at: None,
        password_hash: None,
        version: person.user.version + i32::from(!is_done),
        ..person.user.clone()
    };
    Ok(Person { user, profile: Profile::new(id, None) })
}

#[async_trait]
impl JobHandler for ErasePerson {
    fn kind(&self) -> &'static str {
        KIND
    }

    async fn handle(&self, job: &Job) -> Result<(), JobFailure> {
        let payload = Payload::deserialize(&job.payload).map_err(|e| JobFailure::Permanent(e.to_string()))?;
        let ctx = job.context();
        self.erase(&ctx, payload.user_id).await.map_err(|error| JobFailure::of(&error as &dyn Failure))
    }
}
