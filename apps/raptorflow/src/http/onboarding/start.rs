//! `POST /api/v1/onboarding/session`.

use super::{SessionBody, WorkspaceHeader};
use crate::http::{
    body::Sent,
    codes,
    idempotency::IdempotencyKeyHeader,
    problem::Problem,
    reply::{Answer, Reply},
    tenant::Tenant,
};
use crate::wiring::Services;
use actix_web::{post, web};
use kernel::WorkspaceId;
use serde::Deserialize;
use utoipa::ToSchema;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct StartOnboarding {
    /// The request's workspace. It does not choose one: the header, the query or your first workspace does.
    #[schema(value_type = Option<Uuid>)]
    workspace_id: Option<WorkspaceId>,
}

/// Start onboarding, or go on with it.
///
/// A workspace has one open session: when it is there already, it is answered with 200. Answers 400
/// `workspace_conflict` when the body names another workspace than the request.
#[utoipa::path(tag = "onboarding", operation_id = "start_onboarding", params(WorkspaceHeader, IdempotencyKeyHeader),
    request_body = StartOnboarding,
    responses((status = 201, description = "Started", body = SessionBody), (status = 200, description = "Found open", body = SessionBody)),
    extensions(("x-access" = json!("user")), ("x-reads" = json!(["onboarding_sessions"])),
        ("x-writes" = json!(["onboarding_sessions", "events", "idempotency_records"]))))]
#[post("/api/v1/onboarding/session")]
pub(super) async fn start_onboarding(
    services: web::Data<Services>,
    sent: Sent<Tenant, StartOnboarding>,
) -> Answer<SessionBody> {
    let Sent { caller: Tenant { ctx, scope }, body } = sent;
    if body.workspace_id.is_some_and(|named| named != scope.workspace()) {
        let detail = "The body names another workspace than the request; send X-Workspace-Id.";
        return Err(Problem::new(&codes::WORKSPACE_CONFLICT).detail(detail));
    }
    let started = services.onboarding.start(&ctx, &scope).await?;
    let (id, version) = (started.session.id, started.session.version);
    let body = SessionBody::from(started.session);
    let reply = if started.new { Reply::created(body) } else { Reply::ok(body) };
    Ok(reply.version(version).location(format!("/api/v1/onboarding/session/{id}")))
}
