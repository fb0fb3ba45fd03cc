//! `POST /api/v1/workspaces/{workspace_id}/members`.

use super::{invitations::InvitationBody, members::MemberBody, roles};
use crate::http::{
    body::Sent,
    caller::gate,
    idempotency::IdempotencyKeyHeader,
    reply::{Answer, Reply},
    tenant::Tenant,
};
use crate::wiring::Services;
use actix_web::{HttpRequest, post, web};
use kernel::{Role, UserId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use workspace::services::{AddMember, Added};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewMember {
    /// Whose account becomes a member, or who is invited; this or `user_id`.
    #[schema(format = "email", max_length = 254)]
    email: Option<String>,
    #[schema(value_type = Option<uuid::Uuid>)]
    user_id: Option<UserId>,
    /// Not above the caller's own.
    #[schema(schema_with = roles)]
    role: Role,
}

#[derive(Serialize)]
#[serde(untagged)]
enum AddedBody {
    Member(MemberBody),
    Invited(InvitationBody),
}

/// Add a member.
///
/// 201 with the member when the address has an account with a confirmed address; else the owner of the address is
/// invited by mail, and the answer is 202 with the invitation.
#[utoipa::path(tag = "members", operation_id = "add_member", params(IdempotencyKeyHeader), request_body = NewMember,
    responses((status = 201, body = MemberBody), (status = 202, body = InvitationBody)),
    extensions(("x-access" = json!("admin")),
        ("x-reads" = json!(["workspaces", "memberships", "users", "profiles", "invitations"])),
        ("x-writes" = json!(["memberships", "invitations", "jobs", "events", "idempotency_records"]))))]
#[post("/api/v1/workspaces/{workspace_id}/members")]
pub(super) async fn add_member(
    services: web::Data<Services>,
    request: HttpRequest,
    sent: Sent<Tenant, NewMember>,
) -> Answer<AddedBody> {
    let Sent { caller: Tenant { ctx, scope }, body: NewMember { email, user_id, role } } = sent;
    if let Some(email) = &email {
        gate(&request)?.throttle.mail(&request, &ctx, email).await?;
    }
    let added = services.members.add(&ctx, &scope, AddMember { email, user_id, role }).await?;
    Ok(match added {
        Added::Member(member) => Reply::created(AddedBody::Member(member.into())),
        Added::Invited(invitation) => Reply::accepted(AddedBody::Invited(invitation.into())),
    })
}
