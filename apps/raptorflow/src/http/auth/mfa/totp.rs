//! `POST` and `DELETE /api/v1/auth/mfa/totp`, `POST /api/v1/auth/mfa/totp/confirm`.

use super::RecoveryCodesBody;
use crate::http::{
    body::{Nothing, Sent},
    caller::User,
    problem::Problem,
    reply::{Answer, NoContent, Reply},
};
use crate::wiring::Services;
use actix_web::{delete, post, web};
use identity::{TotpSecret, services::Enrolment};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What goes into an authenticator app. It is shown here only.
#[derive(Serialize, ToSchema)]
struct EnrolmentBody {
    /// Base32, for typing in.
    secret: String,
    /// For a QR code.
    otpauth_url: String,
    /// Always `SHA1`.
    algorithm: &'static str,
    /// Digits of a code.
    digits: u8,
    /// Seconds that a code is shown.
    period: u32,
}

impl From<Enrolment> for EnrolmentBody {
    fn from(enrolment: Enrolment) -> Self {
        Self {
            secret: enrolment.secret.expose_secret().to_owned(),
            otpauth_url: enrolment.url.expose_secret().to_owned(),
            algorithm: "SHA1",
            digits: TotpSecret::DIGITS,
            period: TotpSecret::STEP,
        }
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ConfirmRequest {
    /// What the authenticator shows now.
    #[schema(max_length = 16)]
    code: String,
}

/// Enrol an authenticator app (TOTP, RFC 6238).
///
/// Needs a login of the last fifteen minutes. Nothing changes until the factor is confirmed by a code; enrolling again
/// before that makes another secret. The answer holds a secret, so an `Idempotency-Key` is not used.
#[utoipa::path(tag = "auth", operation_id = "enrol_totp", request_body = Nothing,
    responses((status = 201, body = EnrolmentBody)),
    extensions(("x-access" = json!("user")), ("x-reads" = json!(["sessions", "users", "mfa_factors"])),
        ("x-writes" = json!(["mfa_factors", "events"]))))]
#[post("/api/v1/auth/mfa/totp")]
pub(super) async fn enrol_totp(
    services: web::Data<Services>,
    sent: Sent<User, Nothing>,
) -> Answer<EnrolmentBody> {
    let enrolment = services.second_factor.enrol(&sent.caller.ctx, &sent.caller.login).await?;
    Ok(Reply::created(enrolment.into()))
}

/// Confirm the authenticator by a code, and get recovery codes.
///
/// Needs a login of the last fifteen minutes. From now on logins take the factor; every other session of the person
/// ends.
#[utoipa::path(tag = "auth", operation_id = "confirm_totp", request_body = ConfirmRequest,
    responses((status = 200, body = RecoveryCodesBody)),
    extensions(("x-access" = json!("user")), ("x-reads" = json!(["sessions", "users", "mfa_factors"])),
        ("x-writes" = json!(["mfa_factors", "recovery_codes", "sessions", "jobs", "events"]))))]
#[post("/api/v1/auth/mfa/totp/confirm")]
pub(super) async fn confirm_totp(
    services: web::Data<Services>,
    sent: Sent<User, ConfirmRequest>,
) -> Answer<RecoveryCodesBody> {
    let Sent { caller, body } = sent;
    let codes = services.second_factor.confirm(&caller.ctx, &caller.login, &body.code.into()).await?;
    Ok(Reply::ok(codes.into()))
}

/// Remove the authenticator, and the recovery codes with it.
///
/// Needs a login of the last fifteen minutes, which took the factor. The person is told by mail.
#[utoipa::path(tag = "auth", operation_id = "remove_totp", responses((status = 204)),
    extensions(("x-access" = json!("user")), ("x-reads" = json!(["sessions", "users", "mfa_factors"])),
        ("x-writes" = json!(["mfa_factors", "recovery_codes", "jobs", "events"]))))]
#[delete("/api/v1/auth/mfa/totp")]
pub(super) async fn remove_totp(services: web::Data<Services>, caller: User) -> Result<NoContent, Problem> {
    services.second_factor.remove(&caller.ctx, &caller.login).await?;
    Ok(NoContent)
}
