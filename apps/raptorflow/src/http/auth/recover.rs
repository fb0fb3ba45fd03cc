//! `POST /api/v1/auth/forgot-password` and `POST /api/v1/auth/reset-password`.

use super::{AcceptedBody, AddressRequest};
use crate::http::{
    body::Sent,
    caller::Anyone,
    problem::Problem,
    reply::{Answer, NoContent, Reply},
};
use crate::wiring::Services;
use actix_web::{post, web};
use identity::services::ResetPassword;
use serde::Deserialize;
use utoipa::ToSchema;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ResetPasswordRequest {
    /// From the link in the mail.
    #[schema(max_length = 512)]
    token: String,
    /// 8 to 128 characters, any of them; the commonest passwords are refused.
    #[schema(format = "new-password", min_length = 8, max_length = 128)]
    new_password: String,
}

/// Ask for a link that lets set a new password.
///
/// The answer is the same whether or not anybody has the address. At most one such mail goes out in two minutes. Its
/// link leads to `{APP_URL}/reset-password?token=…`: a page of the client, which sends the token back with the new
/// password.
#[utoipa::path(tag = "auth", operation_id = "forgot_password", request_body = AddressRequest,
    responses((status = 202, body = AcceptedBody)),
    extensions(("x-access" = json!("public")), ("x-reads" = json!(["users"])), ("x-writes" = json!(["jobs"]))))]
#[post("/api/v1/auth/forgot-password")]
pub(super) async fn forgot_password(
    services: web::Data<Services>,
    sent: Sent<Anyone, AddressRequest>,
) -> Answer<AcceptedBody> {
    services.credentials.forgot_password(&sent.caller.ctx, &sent.body.email).await?;
    Ok(Reply::accepted(AcceptedBody {}))
}

/// Set a new password with the token of a mail.
///
/// The token works once, within 30 minutes, until a newer one is sent or password or address change. Every session
/// ends, and nobody is logged in by it. The address counts as verified from then on.
#[utoipa::path(tag = "auth", operation_id = "reset_password", request_body = ResetPasswordRequest,
    responses((status = 204)),
    extensions(("x-access" = json!("public")), ("x-reads" = json!(["email_tokens", "users"])),
        ("x-writes" = json!(["email_tokens", "users", "sessions", "jobs", "events"]))))]
#[post("/api/v1/auth/reset-password")]
pub(super) async fn reset_password(
    services: web::Data<Services>,
    sent: Sent<Anyone, ResetPasswordRequest>,
) -> Result<NoContent, Problem> {
    let Sent { caller, body } = sent;
    let request = ResetPassword { token: body.token.into(), new_password: body.new_password.into() };
    services.credentials.reset_password(&caller.ctx, &request).await?;
    Ok(NoContent)
}
