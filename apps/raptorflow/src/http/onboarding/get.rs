//! `GET /api/v1/onboarding/session/{session_id}`.

use super::{SessionBody, WorkspaceHeader, reply};
use crate::http::{path::PathId, reply::Answer, tenant::Tenant};
use crate::wiring::Services;
use actix_web::{get, web};
use kernel::OnboardingId;

/// One onboarding session, with what each step asks and what was answered so far.
#[utoipa::path(tag = "onboarding", operation_id = "get_onboarding_session", params(WorkspaceHeader),
    responses((status = 200, body = SessionBody)),
    extensions(("x-access" = json!("user")), ("x-reads" = json!(["onboarding_sessions"]))))]
#[get("/api/v1/onboarding/session/{session_id}")]
pub(super) async fn get_onboarding_session(
    services: web::Data<Services>,
    tenant: Tenant,
    id: PathId<OnboardingId>,
) -> Answer<SessionBody> {
    Ok(reply(services.onboarding.get(&tenant.scope, id.0).await?))
}
