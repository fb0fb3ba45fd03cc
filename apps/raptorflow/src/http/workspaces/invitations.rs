//! `/api/v1/workspaces/{workspace_id}/invitations`.

use super::roles;
use crate::http::{
    body::Sent,
    caller::gate,
    idempotency::IdempotencyKeyHeader,
    listing::{ById, Listing, PageBody, PageParams},
    path::PathId,
    problem::Problem,
    reply::{Answer, NoContent, Reply},
    schema::names,
    tenant::Tenant,
};
use crate::wiring::Services;
use actix_web::{HttpRequest, delete, get, post, web};
use kernel::{InvitationId, Role, WorkspaceId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa::openapi::schema::Object;
use uuid::Uuid;
use workspace::{InvitationStatus, InvitationView};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewInvitation {
    #[schema(format = "email", max_length = 254)]
    email: String,
    /// What the person will be; not above the caller's own.
    #[schema(schema_with = roles)]
    role: Role,
}

/// An invitation. Its token is in the mail only.
#[derive(Serialize, ToSchema)]
pub(super) struct InvitationBody {
    id: Uuid,
    /// Whose owner is invited.
    email: String,
    #[schema(schema_with = roles)]
    role: Role,
    #[schema(schema_with = statuses)]
    status: InvitationStatus,
    /// Who vouches for it.
    invited_by: Uuid,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    expires_at: String,
    #[schema(format = DateTime)]
    accepted_at: Option<String>,
    /// The member that came of it.
    accepted_by: Option<Uuid>,
    #[schema(format = DateTime)]
    revoked_at: Option<String>,
}

fn statuses() -> Object {
    names(InvitationStatus::ALL.map(InvitationStatus::name))
}

impl From<InvitationView> for InvitationBody {
    fn from(InvitationView { invitation, status }: InvitationView) -> Self {
        Self {
            id: invitation.id.uuid(),
            email: invitation.email.to_string(),
            role: invitation.role,
            status,
            invited_by: invitation.invited_by.uuid(),
            created_at: invitation.created_at.to_string(),
            expires_at: invitation.expires_at.to_string(),
            accepted_at: invitation.accepted_at.map(|at| at.to_string()),
            accepted_by: invitation.accepted_by.map(kernel::UserId::uuid),
            revoked_at: invitation.revoked_at.map(|at| at.to_string()),
        }
    }
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct ByStatus {
    /// Invitations in this state only.
    #[param(schema_with = statuses, required = false)]
    status: Option<InvitationStatus>,
}

/// Invite the owner of an address.
///
/// The mail follows by a job. The invitation lasts for seven days, and works while who made it could make it.
#[utoipa::path(tag = "invitations", operation_id = "create_invitation", params(IdempotencyKeyHeader),
    request_body = NewInvitation, responses((status = 201, body = InvitationBody)),
    extensions(("x-access" = json!("admin")), ("x-reads" = json!(["workspaces", "memberships", "users", "invitations"])),
        ("x-writes" = json!(["invitations", "jobs", "events", "idempotency_records"]))))]
#[post("/api/v1/workspaces/{workspace_id}/invitations")]
pub(super) async fn create_invitation(
    services: web::Data<Services>,
    request: HttpRequest,
    sent: Sent<Tenant, NewInvitation>,
) -> Answer<InvitationBody> {
    let Sent { caller: Tenant { ctx, scope }, body } = sent;
    gate(&request)?.throttle.mail(&request, &ctx, &body.email).await?;
    let made = services.invitations.invite(&ctx, &scope, &body.email, body.role).await?;
    Ok(Reply::created(made.into()))
}

/// Who is invited, the newest first.
#[utoipa::path(tag = "invitations", operation_id = "list_invitations", params(PageParams, ByStatus),
    responses((status = 200, body = PageBody<InvitationBody>)),
    extensions(("x-access" = json!("admin")), ("x-reads" = json!(["memberships", "invitations"]))))]
#[get("/api/v1/workspaces/{workspace_id}/invitations")]
pub(super) async fn list_invitations(
    services: web::Data<Services>,
    tenant: Tenant,
    list: Listing<ByStatus>,
) -> Answer<PageBody<InvitationBody>> {
    let page = list.page::<ById>(&tenant)?;
    let found = services.invitations.list(&tenant.scope, list.filter.status, &page).await?;
    Ok(list.answer(&tenant, found.map(InvitationBody::from)))
}

/// Take an invitation back.
///
/// One that was revoked or has expired stays as it is, and the answer is the same.
#[utoipa::path(tag = "invitations", operation_id = "revoke_invitation", responses((status = 204)),
    extensions(("x-access" = json!("admin")), ("x-reads" = json!(["workspaces", "memberships", "invitations"])),
        ("x-writes" = json!(["invitations", "events"]))))]
#[delete("/api/v1/workspaces/{workspace_id}/invitations/{invitation_id}")]
pub(super) async fn revoke_invitation(
    services: web::Data<Services>,
    path: PathId<(WorkspaceId, InvitationId)>,
    tenant: Tenant,
) -> Result<NoContent, Problem> {
    services.invitations.revoke(&tenant.ctx, &tenant.scope, path.0.1).await?;
    Ok(NoContent)
}
