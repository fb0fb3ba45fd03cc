//! Onboarding: a workspace describes itself, step by step.

mod complete;
mod finalize;
mod get;
mod progress;
mod save;
mod start;
mod step;

use super::reply::Reply;
use super::routes::Routes;
use bcm::{OnboardingSession, StepView};
use serde::Serialize;
use step::{StepBody, StepName};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Adds the routes.
pub fn configure(routes: &mut Routes<'_, '_>) {
    routes
        .add(start::start_onboarding)
        .add(get::get_onboarding_session)
        .add(save::save_onboarding_answers)
        .add(complete::complete_onboarding_step)
        .add(progress::get_onboarding_progress)
        .add(finalize::finalize_onboarding);
}

/// A walk through the onboarding steps; a workspace has at most one that is open.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OnboardingSession)]
struct SessionBody {
    id: Uuid,
    workspace_id: Uuid,
    /// The first step that is not done; the last one when all are.
    current_step: StepName,
    /// Every step in order.
    #[schema(value_type = Vec<StepBody>)]
    steps: Vec<StepView>,
    /// Steps that are done, in percent.
    #[schema(maximum = 100)]
    progress: u8,
    /// Whether the foundation was built of it; it takes no more answers then.
    finalised: bool,
    #[schema(format = DateTime)]
    finalised_at: Option<String>,
    /// The version of the business context that finalising made.
    context_version: Option<i32>,
    /// 1, and one more with every change; also the `ETag`.
    version: i32,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    updated_at: String,
}

impl From<OnboardingSession> for SessionBody {
    fn from(session: OnboardingSession) -> Self {
        Self {
            id: session.id.uuid(),
            workspace_id: session.workspace_id.uuid(),
            current_step: StepName(session.current_step),
            steps: session.steps(),
            progress: session.progress(),
            finalised: session.finalised_at.is_some(),
            finalised_at: session.finalised_at.map(|at| at.to_string()),
            context_version: session.context_number,
            version: session.version,
            created_at: session.created_at.to_string(),
            updated_at: session.updated_at.to_string(),
        }
    }
}

fn reply(session: OnboardingSession) -> Reply<SessionBody> {
    let version = session.version;
    Reply::ok(SessionBody::from(session)).version(version)
}

/// Documents the header of routes that anybody may call for a workspace of theirs.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "documentation of a header that `Tenant` reads")]
struct WorkspaceHeader {
    /// The workspace; your first one when neither this nor `?workspace_id=` is sent.
    #[param(rename = "X-Workspace-Id")]
    workspace_id: Option<Uuid>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::contract::Contract;
    use bcm::StepKey;
    use kernel::Timestamp;
    use serde_json::json;

    #[test]
    fn a_session_is_what_the_document_says() {
        let (id, now) = (Uuid::nil(), Timestamp::from_micros(0));
        let mut session = OnboardingSession::start(id.into(), id.into(), now);
        session.save_answers(StepKey::Company, &json!({"name": "Crumb & Co"}), now).unwrap();
        let mut body = serde_json::to_value(SessionBody::from(session)).unwrap();
        let contract = Contract::of::<SessionBody>();
        assert_eq!(contract.broken_by(&body, ""), []);
        let question = body.pointer_mut("/steps/3/fields/0/fields/0").unwrap();
        question.as_object_mut().unwrap().insert("surprise".to_owned(), json!(1));
        let found = contract.broken_by(&body, "");
        assert_eq!(found[0].pointer, "/steps/3/fields/0/fields/0/surprise");
    }
}
