//! `GET /api/v1/auth/invitation/{token}` and `POST /api/v1/auth/accept-invitation`.

use crate::http::{
    body::Sent,
    caller::Anyone,
    reply::{Answer, Reply},
    schema::names,
};
use crate::wiring::Services;
use actix_web::{get, post, web};
use kernel::Role;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa::openapi::schema::Object;
use uuid::Uuid;
use workspace::services::{InvitedAccount, Offer};

#[derive(Serialize, ToSchema)]
struct OfferBody {
    workspace_name: String,
    /// `owner`, `admin` or `member`.
    role: &'static str,
    /// Whose owner is invited, and nobody else.
    email: String,
    #[schema(format = DateTime)]
    expires_at: String,
    /// What the invited person has: `ready` can accept, `unverified` has to confirm the address first, `missing` has to
    /// sign up with it first.
    #[schema(schema_with = accounts)]
    account: &'static str,
}

fn accounts() -> Object {
    names(["ready", "unverified", "missing"])
}

impl From<Offer> for OfferBody {
    fn from(offer: Offer) -> Self {
        Self {
            workspace_name: offer.workspace_name,
            role: offer.role.name(),
            email: offer.email.to_string(),
            expires_at: offer.expires_at.to_string(),
            account: match offer.account {
                InvitedAccount::Ready => "ready",
                InvitedAccount::Unverified => "unverified",
                InvitedAccount::Missing => "missing",
            },
        }
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AcceptInvitation {
    /// From the link in the mail: its last part.
    #[schema(max_length = 512)]
    token: String,
}

#[derive(Serialize, ToSchema)]
struct AcceptedBody {
    workspace_id: Uuid,
    /// The member's role.
    #[schema(value_type = String)]
    role: Role,
}

/// What an invitation offers.
///
/// Looking accepts nothing. The link in the mail leads to `{APP_URL}/accept-invitation?token=…`: a page of the client, which
/// asks here, and sends the token back when the person accepts.
#[utoipa::path(tag = "auth", operation_id = "read_invitation", responses((status = 200, body = OfferBody)),
    extensions(("x-access" = json!("public")),
        ("x-reads" = json!(["invitations", "memberships", "workspaces", "users"]))))]
#[get("/api/v1/auth/invitation/{token}")]
pub(super) async fn read_invitation(
    services: web::Data<Services>,
    _caller: Anyone,
    token: web::Path<String>,
) -> Answer<OfferBody> {
    Ok(Reply::ok(services.invitations.look_at(&token).await?.into()))
}

/// Accept an invitation.
///
/// The account that has the invited address, confirmed, becomes a member. Accepted again it answers the same while the
/// person is a member.
#[utoipa::path(tag = "auth", operation_id = "accept_invitation", request_body = AcceptInvitation,
    responses((status = 200, body = AcceptedBody)),
    extensions(("x-access" = json!("public")),
        ("x-reads" = json!(["invitations", "memberships", "workspaces", "users"])),
        ("x-writes" = json!(["invitations", "memberships", "events"]))))]
#[post("/api/v1/auth/accept-invitation")]
pub(super) async fn accept_invitation(
    services: web::Data<Services>,
    sent: Sent<Anyone, AcceptInvitation>,
) -> Answer<AcceptedBody> {
    let accepted = services.invitations.accept(&sent.caller.ctx, &sent.body.token).await?;
    Ok(Reply::ok(AcceptedBody { workspace_id: accepted.workspace_id.uuid(), role: accepted.role }))
}
