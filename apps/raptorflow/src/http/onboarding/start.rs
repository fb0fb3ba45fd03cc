//! `POST /api/v1/onboarding/session`.

use super::{SessionBody, WorkspaceHeader};
use crate::http::{
    body::Sent,
    caller::Caller,
    idempotency::IdempotencyKeyHeader,
    reply::{Answer, Reply},
    tenant::Tenant,
};
use crate::wiring::Services;
use actix_web::{HttpRequest, post, web};
use kernel::WorkspaceId;
use serde::Deserialize;
use utoipa::ToSchema;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct StartOnboarding {
    /// Where to start; must agree with the header and the query when these name a workspace, too.
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
    request: HttpRequest,
    sent: Sent<Caller, StartOnboarding>,
) -> Answer<SessionBody> {
    let Tenant { ctx, scope } = Tenant::entering(&request, sent.caller, sent.body.workspace_id).await?;
    let started = services.onboarding.start(&ctx, &scope).await?;
    let (id, version) = (started.session.id, started.session.version);
    let body = SessionBody::from(started.session);
    let reply = if started.new { Reply::created(body) } else { Reply::ok(body) };
    Ok(reply.version(version).location(format!("/api/v1/onboarding/session/{id}")))
}
