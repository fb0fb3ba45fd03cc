//! `POST /api/v1/auth/logout`.

use crate::http::{
    body::{Nothing, Sent},
    caller::User,
    problem::Problem,
    reply::NoContent,
};
use crate::wiring::Services;
use actix_web::{post, web};

/// End the session: its tokens fail from the next call on.
///
/// Whoever calls with another service's token has no session here and is answered 409 `login_is_external`.
#[utoipa::path(tag = "auth", operation_id = "log_out", request_body = Nothing, responses((status = 204)),
    extensions(("x-access" = json!("user")), ("x-reads" = json!(["sessions"])),
        ("x-writes" = json!(["sessions", "events"]))))]
#[post("/api/v1/auth/logout")]
pub(super) async fn log_out(
    services: web::Data<Services>,
    sent: Sent<User, Nothing>,
) -> Result<NoContent, Problem> {
    services.sessions.log_out(&sent.caller.ctx, &sent.caller.login).await?;
    Ok(NoContent)
}
