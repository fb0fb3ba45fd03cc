//! `POST /api/v1/onboarding/session/{session_id}/complete`.

use super::{SessionBody, WorkspaceHeader, reply, step::StepName};
use crate::http::{
    body::Sent,
    path::PathId,
    precondition::{IfMatch, IfMatchHeader},
    reply::Answer,
    tenant::Tenant,
};
use crate::wiring::Services;
use actix_web::{post, web};
use kernel::OnboardingId;
use serde::Deserialize;
use utoipa::ToSchema;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CompleteStep {
    step: StepName,
}

/// Complete a step.
///
/// Answers 422 with every required field that was not answered (pointers under `/answers`), and 409
/// `onboarding_finalised` once the foundation was built of the session.
#[utoipa::path(tag = "onboarding", operation_id = "complete_onboarding_step", params(WorkspaceHeader, IfMatchHeader),
    request_body = CompleteStep, responses((status = 200, body = SessionBody)),
    extensions(("x-access" = json!("user")), ("x-reads" = json!(["onboarding_sessions"])),
        ("x-writes" = json!(["onboarding_sessions", "events"]))))]
#[post("/api/v1/onboarding/session/{session_id}/complete")]
pub(super) async fn complete_onboarding_step(
    services: web::Data<Services>,
    id: PathId<OnboardingId>,
    expected: IfMatch,
    sent: Sent<Tenant, CompleteStep>,
) -> Answer<SessionBody> {
    let Sent { caller: Tenant { ctx, scope }, body } = sent;
    let StepName(step) = body.step;
    Ok(reply(services.onboarding.complete(&ctx, &scope, id.0, step, expected.0).await?))
}
