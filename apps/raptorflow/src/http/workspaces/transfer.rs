//! `POST /api/v1/workspaces/{workspace_id}/transfer-ownership`.

use super::members::MemberBody;
use crate::http::{
    body::Sent,
    fresh::Fresh,
    idempotency::IdempotencyKeyHeader,
    reply::{Answer, Reply},
    tenant::Tenant,
};
use crate::wiring::Services;
use actix_web::{post, web};
use kernel::UserId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TransferTo {
    /// A member.
    #[schema(value_type = uuid::Uuid)]
    user_id: UserId,
}

#[derive(Serialize, ToSchema)]
struct TransferBody {
    /// Who was given the workspace.
    owner: MemberBody,
    /// Who gave it, an admin now.
    former_owner: MemberBody,
}

/// Hand the workspace over to another member.
///
/// Needs a login of the last fifteen minutes. The member becomes an owner, the caller an admin.
#[utoipa::path(tag = "members", operation_id = "transfer_ownership", params(IdempotencyKeyHeader),
    request_body = TransferTo, responses((status = 200, body = TransferBody)),
    extensions(("x-access" = json!("owner")), ("x-reads" = json!(["workspaces", "memberships", "users", "profiles"])),
        ("x-writes" = json!(["memberships", "events", "idempotency_records"]))))]
#[post("/api/v1/workspaces/{workspace_id}/transfer-ownership")]
pub(super) async fn transfer_ownership(
    services: web::Data<Services>,
    sent: Sent<Fresh, TransferTo>,
) -> Answer<TransferBody> {
    let Sent { caller: Fresh(Tenant { ctx, scope }), body } = sent;
    let transfer = services.members.transfer_ownership(&ctx, &scope, body.user_id).await?;
    Ok(Reply::ok(TransferBody { owner: transfer.owner.into(), former_owner: transfer.former_owner.into() }))
}
