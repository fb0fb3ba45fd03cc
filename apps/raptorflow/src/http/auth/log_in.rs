//! `POST /api/v1/auth/login`.

use super::{TokensBody, UserBody};
use crate::http::{
    body::Sent,
    caller::Anyone,
    reply::{Answer, Reply},
};
use crate::wiring::Services;
use actix_web::{post, web};
use identity::{
    MfaChallenge,
    services::{FirstStep, LogIn, LoggedIn},
};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct LogInRequest {
    #[schema(format = "email", max_length = 254)]
    email: String,
    #[schema(format = Password)]
    password: String,
}

/// A session has begun.
#[derive(Serialize, ToSchema)]
pub(super) struct LogInBody {
    #[serde(flatten)]
    tokens: TokensBody,
    user: UserBody,
}

impl From<LoggedIn> for LogInBody {
    fn from(logged_in: LoggedIn) -> Self {
        Self { tokens: logged_in.tokens.into(), user: logged_in.account.into() }
    }
}

/// The password was right; the second factor is still to come.
#[derive(Serialize, ToSchema)]
struct SecondFactorBody {
    /// Always `true`.
    mfa_required: bool,
    /// For `POST /api/v1/auth/mfa/challenge`.
    mfa_token: String,
    /// Seconds until it expires.
    expires_in: u64,
}

#[derive(Serialize, ToSchema)]
#[serde(untagged)]
enum FirstStepBody {
    LoggedIn(LogInBody),
    SecondFactor(SecondFactorBody),
}

impl From<FirstStep> for FirstStepBody {
    fn from(step: FirstStep) -> Self {
        match step {
            FirstStep::LoggedIn(logged_in) => Self::LoggedIn((*logged_in).into()),
            FirstStep::SecondFactor(token) => Self::SecondFactor(SecondFactorBody {
                mfa_required: true,
                mfa_token: token.secret().expose_secret().to_owned(),
                expires_in: MfaChallenge::LIFETIME.as_secs(),
            }),
        }
    }
}

/// Log in.
///
/// Who has a second factor gets no session yet, but a token to show it with. An unknown address and a wrong password answer alike.
#[utoipa::path(tag = "auth", operation_id = "log_in", request_body = LogInRequest,
    responses((status = 200, body = FirstStepBody)),
    extensions(("x-access" = json!("public")), ("x-reads" = json!(["users", "profiles", "mfa_factors"])),
        ("x-writes" = json!(["sessions", "refresh_tokens", "mfa_challenges", "users", "jobs", "events"]))))]
#[post("/api/v1/auth/login")]
pub(super) async fn log_in(
    services: web::Data<Services>,
    sent: Sent<Anyone, LogInRequest>,
) -> Answer<FirstStepBody> {
    let Sent { caller, body } = sent;
    let request = LogIn { email: body.email, password: body.password.into() };
    Ok(Reply::ok(services.sessions.log_in(&caller.ctx, &request).await?.into()))
}
