//! `POST /api/v1/auth/signup`.

use super::UserBody;
use crate::http::{
    body::Sent,
    caller::Anyone,
    idempotency::IdempotencyKeyHeader,
    reply::{Answer, Reply},
};
use crate::wiring::Services;
use actix_web::{post, web};
use identity::services::SignUp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SignUpRequest {
    #[schema(format = "email", max_length = 254)]
    email: String,
    /// 8 to 128 characters, any of them; the commonest passwords are refused.
    #[schema(format = "new-password", min_length = 8, max_length = 128)]
    password: String,
    #[schema(format = "display-name", max_length = 100)]
    display_name: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct SignUpBody {
    user: UserBody,
}

/// Make an account.
///
/// A mail with a link to verify the address follows. For an address that has an account the answer is the same, and
/// its owner gets a notice instead.
#[utoipa::path(tag = "auth", operation_id = "sign_up", params(IdempotencyKeyHeader), request_body = SignUpRequest,
    responses((status = 201, body = SignUpBody)),
    extensions(("x-access" = json!("public")), ("x-reads" = json!(["users"])),
        ("x-writes" = json!(["users", "profiles", "jobs", "events", "idempotency_records"]))))]
#[post("/api/v1/auth/signup")]
pub(super) async fn sign_up(
    services: web::Data<Services>,
    sent: Sent<Anyone, SignUpRequest>,
) -> Answer<SignUpBody> {
    let Sent { caller, body } = sent;
    let request =
        SignUp { email: body.email, password: body.password.into(), display_name: body.display_name };
    let account = services.accounts.sign_up(&caller.ctx, &request).await?;
    Ok(Reply::created(SignUpBody { user: account.into() }))
}
