//! `PUT /api/v1/users/me/password` and `PUT /api/v1/users/me/email`.

use crate::http::{
    auth::AcceptedBody,
    body::Sent,
    caller::{User, gate},
    problem::Problem,
    reply::{Answer, NoContent, Reply},
};
use crate::wiring::Services;
use actix_web::{HttpRequest, put, web};
use identity::services::{ChangeEmail, ChangePassword};
use serde::Deserialize;
use utoipa::ToSchema;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PasswordChange {
    #[schema(format = Password)]
    current_password: String,
    /// 8 to 128 characters, any of them; the commonest passwords are refused.
    #[schema(format = "new-password", min_length = 8, max_length = 128)]
    new_password: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct EmailChange {
    /// The new address.
    #[schema(format = "email", max_length = 254)]
    email: String,
    /// Checked when it is sent; it does not take the place of a fresh login.
    #[schema(format = Password)]
    current_password: Option<String>,
}

/// Change my password.
///
/// Every other session of mine ends at once, this one stays. A mail tells of it.
#[utoipa::path(tag = "users", operation_id = "change_password", request_body = PasswordChange,
    responses((status = 204)),
    extensions(("x-access" = json!("user")), ("x-reads" = json!(["users", "profiles"])),
        ("x-writes" = json!(["users", "sessions", "email_tokens", "jobs", "events"]))))]
#[put("/api/v1/users/me/password")]
pub(super) async fn change_password(
    services: web::Data<Services>,
    request: HttpRequest,
    sent: Sent<User, PasswordChange>,
) -> Result<NoContent, Problem> {
    let Sent { caller, body } = sent;
    gate(&request)?.throttle.proof(&request, &caller.ctx).await?;
    let change = ChangePassword {
        current_password: body.current_password.into(),
        new_password: body.new_password.into(),
    };
    services.credentials.change_password(&caller.ctx, &caller.login, &change).await?;
    Ok(NoContent)
}

/// Move my account to another address.
///
/// Needs a login of the last fifteen minutes. A link goes to the new address, and when it is opened
/// (`GET /api/v1/auth/verify-email`) the account moves and the old address is told. The answer is the same when
/// somebody has an account at the new address; they get a notice instead.
#[utoipa::path(tag = "users", operation_id = "change_email", request_body = EmailChange,
    responses((status = 202, body = AcceptedBody)),
    extensions(("x-access" = json!("user")), ("x-reads" = json!(["users", "profiles"])),
        ("x-writes" = json!(["email_tokens", "jobs", "events"]))))]
#[put("/api/v1/users/me/email")]
pub(super) async fn change_email(
    services: web::Data<Services>,
    request: HttpRequest,
    sent: Sent<User, EmailChange>,
) -> Answer<AcceptedBody> {
    let Sent { caller, body } = sent;
    if body.current_password.is_some() {
        gate(&request)?.throttle.proof(&request, &caller.ctx).await?;
    }
    gate(&request)?.throttle.mail(&request, &caller.ctx, &body.email).await?;
    let change = ChangeEmail { email: body.email, current_password: body.current_password.map(Into::into) };
    services.credentials.change_email(&caller.ctx, &caller.login, &change).await?;
    Ok(Reply::accepted(AcceptedBody {}))
}
