//! `POST /api/v1/auth/mfa/recovery-codes`.

use super::RecoveryCodesBody;
use crate::http::{
    body::{Nothing, Sent},
    caller::User,
    reply::{Answer, Reply},
};
use crate::wiring::Services;
use actix_web::{post, web};

/// Replace the recovery codes; the old ones work no more.
///
/// Needs a login of the last fifteen minutes. The answer holds secrets, so an `Idempotency-Key` is not used.
#[utoipa::path(tag = "auth", operation_id = "replace_recovery_codes", request_body = Nothing,
    responses((status = 200, body = RecoveryCodesBody)),
    extensions(("x-access" = json!("user")), ("x-reads" = json!(["sessions", "users", "mfa_factors"])),
        ("x-writes" = json!(["recovery_codes", "events"]))))]
#[post("/api/v1/auth/mfa/recovery-codes")]
pub(super) async fn replace_recovery_codes(
    services: web::Data<Services>,
    sent: Sent<User, Nothing>,
) -> Answer<RecoveryCodesBody> {
    let codes = services.second_factor.replace_recovery_codes(&sent.caller.ctx, &sent.caller.login).await?;
    Ok(Reply::ok(codes.into()))
}
