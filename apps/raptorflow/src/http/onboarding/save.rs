//! `PUT /api/v1/onboarding/session/{session_id}`.

use super::{SessionBody, WorkspaceHeader, reply, step::StepName};
use crate::http::{
    body::Sent,
    path::PathId,
    precondition::{IfMatch, IfMatchHeader},
    reply::Answer,
    rules::ONBOARDING_ANSWERS,
    tenant::Tenant,
};
use crate::wiring::Services;
use actix_web::{put, web};
use kernel::OnboardingId;
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa::openapi::SchemaFormat;
use utoipa::openapi::schema::{ObjectBuilder, SchemaType};

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SaveAnswers {
    step: StepName,
    /// An object, or a list of objects, as the step's `shape` and `fields` say. At most 64 KiB.
    #[schema(schema_with = answers)]
    answers: Value,
}

fn answers() -> ObjectBuilder {
    let format = SchemaFormat::Custom(ONBOARDING_ANSWERS.to_owned());
    ObjectBuilder::new().schema_type(SchemaType::AnyValue).format(Some(format))
}

/// Save the answers of a step.
///
/// They replace those before. What is there must be right; required fields may still be missing, so that an unfinished
/// form can be kept. Answers 409 `onboarding_finalised` once the foundation was built of the session.
#[utoipa::path(tag = "onboarding", operation_id = "save_onboarding_answers", params(WorkspaceHeader, IfMatchHeader),
    request_body = SaveAnswers, responses((status = 200, body = SessionBody)),
    extensions(("x-access" = json!("user")), ("x-reads" = json!(["onboarding_sessions"])),
        ("x-writes" = json!(["onboarding_sessions", "events"]))))]
#[put("/api/v1/onboarding/session/{session_id}")]
pub(super) async fn save_onboarding_answers(
    services: web::Data<Services>,
    id: PathId<OnboardingId>,
    expected: IfMatch,
    sent: Sent<Tenant, SaveAnswers>,
) -> Answer<SessionBody> {
    let Sent { caller: Tenant { ctx, scope }, body } = sent;
    let StepName(step) = body.step;
    let saved = services.onboarding.save_answers(&ctx, &scope, id.0, step, &body.answers, expected.0);
    Ok(reply(saved.await?))
}
