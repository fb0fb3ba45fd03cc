//! `GET /api/v1/onboarding/progress`.

use super::{WorkspaceHeader, step::StepName};
use crate::http::{
    reply::{Answer, Reply},
    tenant::Tenant,
};
use crate::wiring::Services;
use actix_web::{get, web};
use bcm::services::Progress;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OnboardingProgress)]
struct ProgressBody {
    /// The open session, else the latest; `null` before the first.
    session_id: Option<Uuid>,
    /// Steps that are done, in percent.
    #[schema(maximum = 100)]
    progress: u8,
    /// The first step that is not done; the last one when all are.
    current_step: StepName,
    completed: Vec<StepName>,
    remaining: Vec<StepName>,
    /// Whether the foundation was built of it.
    finalised: bool,
}

impl From<Progress> for ProgressBody {
    fn from(progress: Progress) -> Self {
        Self {
            session_id: progress.session_id.map(|id| id.uuid()),
            progress: progress.percent,
            current_step: StepName(progress.current_step),
            completed: progress.completed.into_iter().map(StepName).collect(),
            remaining: progress.remaining.into_iter().map(StepName).collect(),
            finalised: progress.finalised,
        }
    }
}

/// How far the workspace is with its onboarding; also before it has started.
#[utoipa::path(tag = "onboarding", operation_id = "get_onboarding_progress", params(WorkspaceHeader),
    responses((status = 200, body = ProgressBody)),
    extensions(("x-access" = json!("user")), ("x-reads" = json!(["onboarding_sessions"]))))]
#[get("/api/v1/onboarding/progress")]
pub(super) async fn get_onboarding_progress(
    services: web::Data<Services>,
    tenant: Tenant,
) -> Answer<ProgressBody> {
    Ok(Reply::ok(services.onboarding.progress(&tenant.scope).await?.into()))
}
