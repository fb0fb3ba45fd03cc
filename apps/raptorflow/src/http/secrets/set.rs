//! `PUT /api/v1/users/me/secrets/{name}`.

use crate::http::{body::Sent, caller::User, problem::Problem, reply::NoContent};
use crate::wiring::Services;
use actix_web::{put, web};
use serde::Deserialize;
use utoipa::ToSchema;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SecretRequest {
    /// 1 to 4,096 bytes; it is never shown again.
    #[schema(format = Password, min_length = 1, max_length = 4096)]
    value: String,
}

/// Set a secret of mine, such as the key of a provider; one of the same name is replaced.
///
/// A name has 1 to 64 of `a-z 0-9 _ -`.
#[utoipa::path(tag = "users", operation_id = "set_secret", request_body = SecretRequest,
    responses((status = 204)),
    extensions(("x-access" = json!("user")), ("x-reads" = json!(["users", "user_secrets"])),
        ("x-writes" = json!(["user_secrets", "events"]))))]
#[put("/api/v1/users/me/secrets/{name}")]
pub(super) async fn set_secret(
    services: web::Data<Services>,
    name: web::Path<String>,
    sent: Sent<User, SecretRequest>,
) -> Result<NoContent, Problem> {
    let Sent { caller: User { ctx, scope, .. }, body } = sent;
    services.secrets.set(&ctx, &scope, (&name, &body.value.into())).await?;
    Ok(NoContent)
}
