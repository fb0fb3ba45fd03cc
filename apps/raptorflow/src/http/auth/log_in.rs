//! `POST /api/v1/auth/login`.

use super::{TokensBody, UserBody};
use crate::http::{
    body::Sent,
    caller::Anyone,
    reply::{Answer, Reply},
};
use crate::wiring::Services;
use actix_web::{post, web};
use identity::services::LogIn;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct LogInRequest {
    email: String,
    #[schema(format = Password)]
    password: String,
}

#[derive(Serialize, ToSchema)]
struct LogInBody {
    #[serde(flatten)]
    tokens: TokensBody,
    user: UserBody,
}

/// Log in.
///
/// An unknown address and a wrong password answer alike.
#[utoipa::path(tag = "auth", operation_id = "log_in", request_body = LogInRequest,
    responses((status = 200, body = LogInBody)),
    extensions(("x-access" = json!("public")), ("x-reads" = json!(["users", "profiles"])),
        ("x-writes" = json!(["sessions", "refresh_tokens", "users", "jobs", "events"]))))]
#[post("/api/v1/auth/login")]
pub(super) async fn log_in(
    services: web::Data<Services>,
    sent: Sent<Anyone, LogInRequest>,
) -> Answer<LogInBody> {
    let Sent { caller, body } = sent;
    let request = LogIn { email: body.email, password: body.password.into() };
    let logged_in = services.sessions.log_in(&caller.ctx, &request).await?;
    Ok(Reply::ok(LogInBody { tokens: logged_in.tokens.into(), user: logged_in.account.into() }))
}
