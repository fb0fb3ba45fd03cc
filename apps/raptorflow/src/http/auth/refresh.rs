//! `POST /api/v1/auth/refresh`.

use super::TokensBody;
use crate::http::{
    body::Sent,
    caller::Anyone,
    reply::{Answer, Reply},
};
use crate::wiring::Services;
use actix_web::{post, web};
use serde::Deserialize;
use utoipa::ToSchema;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RefreshRequest {
    /// The newest one that the session was given.
    #[schema(max_length = 512)]
    refresh_token: String,
}

/// Trade a refresh token for the next pair.
///
/// Each refresh token works once. Within ten seconds the same token gets the same successor again, so that a retried
/// request does no harm; later it ends the session, as somebody else may have used it.
#[utoipa::path(tag = "auth", operation_id = "refresh", request_body = RefreshRequest,
    responses((status = 200, body = TokensBody)),
    extensions(("x-access" = json!("public")), ("x-reads" = json!(["refresh_tokens", "sessions"])),
        ("x-writes" = json!(["refresh_tokens", "sessions", "events"]))))]
#[post("/api/v1/auth/refresh")]
pub(super) async fn refresh(
    services: web::Data<Services>,
    sent: Sent<Anyone, RefreshRequest>,
) -> Answer<TokensBody> {
    let pair = services.sessions.refresh(&sent.caller.ctx, &sent.body.refresh_token).await?;
    Ok(Reply::ok(pair.into()))
}
