//! `GET /api/v1/auth/verify-email`.

#![expect(unused_qualifications, reason = "utoipa's macro names the type of the query again")]

use crate::http::{
    caller::Anyone,
    query::Query,
    reply::{Answer, Reply},
};
use crate::wiring::Services;
use actix_web::{get, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct VerifyParams {
    /// From the link in the mail.
    #[param(max_length = 512)]
    token: String,
}

#[derive(Serialize, ToSchema)]
struct VerifiedBody {
    /// Always `true`; anything else is a problem.
    verified: bool,
}

/// Verify an address with the token of a mail.
///
/// The token of a change of address moves the account there. Either works once; opened again it answers the same, as
/// mail scanners open links before people do.
#[utoipa::path(tag = "auth", operation_id = "verify_email", params(VerifyParams),
    responses((status = 200, body = VerifiedBody)),
    extensions(("x-access" = json!("public")), ("x-reads" = json!(["email_tokens", "users"])),
        ("x-writes" = json!(["email_tokens", "users", "jobs", "events"]))))]
#[get("/api/v1/auth/verify-email")]
pub(super) async fn verify_email(
    services: web::Data<Services>,
    caller: Anyone,
    params: Query<VerifyParams>,
) -> Answer<VerifiedBody> {
    services.accounts.verify_email(&caller.ctx, &params.0.token).await?;
    Ok(Reply::ok(VerifiedBody { verified: true }))
}
