//! `POST /api/v1/auth/mfa/challenge`.

use crate::http::{
    auth::LogInBody,
    body::Sent,
    caller::Anyone,
    problem::{Problem, one_field},
    reply::{Answer, Reply},
};
use crate::wiring::Services;
use actix_web::{post, web};
use identity::services::Proof;
use kernel::code;
use serde::Deserialize;
use utoipa::ToSchema;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChallengeRequest {
    /// From the answer of the login.
    #[schema(max_length = 512)]
    mfa_token: String,
    /// What the authenticator shows now; or else a recovery code.
    #[schema(max_length = 16)]
    code: Option<String>,
    /// One of the recovery codes, which is used up.
    #[schema(max_length = 64)]
    recovery_code: Option<String>,
}

/// Finish a login by the second factor.
///
/// Takes `code` or `recovery_code`. A login can be answered five times within five minutes. After ten wrong codes in
/// fifteen minutes no code of the account is looked at for a while; recovery codes are.
#[utoipa::path(tag = "auth", operation_id = "pass_challenge", request_body = ChallengeRequest,
    responses((status = 200, body = LogInBody)),
    extensions(("x-access" = json!("public")),
        ("x-reads" = json!(["mfa_challenges", "users", "profiles", "mfa_factors", "recovery_codes"])),
        ("x-writes" = json!(["mfa_challenges", "mfa_factors", "recovery_codes", "sessions", "refresh_tokens", "jobs",
            "events"]))))]
#[post("/api/v1/auth/mfa/challenge")]
pub(super) async fn pass_challenge(
    services: web::Data<Services>,
    sent: Sent<Anyone, ChallengeRequest>,
) -> Answer<LogInBody> {
    let Sent { caller, body } = sent;
    let proof = match (body.code, body.recovery_code) {
        (Some(code), None) => Proof::Code(code.into()),
        (None, Some(code)) => Proof::RecoveryCode(code.into()),
        _ => return Err(one_of_two()),
    };
    let logged_in = services.second_factor.pass(&caller.ctx, &body.mfa_token, &proof).await?;
    Ok(Reply::ok(logged_in.into()))
}

fn one_of_two() -> Problem {
    let message = "either `code` or `recovery_code` must be given";
    Problem::fields(&code::INVALID, one_field("/code", "one_of", message))
}
