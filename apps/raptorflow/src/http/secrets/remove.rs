//! `DELETE /api/v1/users/me/secrets/{name}`.

use crate::http::{caller::User, problem::Problem, reply::NoContent};
use crate::wiring::Services;
use actix_web::{delete, web};

/// Remove a secret of mine.
#[utoipa::path(tag = "users", operation_id = "remove_secret", responses((status = 204)),
    extensions(("x-access" = json!("user")), ("x-reads" = json!(["user_secrets"])),
        ("x-writes" = json!(["user_secrets", "events"]))))]
#[delete("/api/v1/users/me/secrets/{name}")]
pub(super) async fn remove_secret(
    services: web::Data<Services>,
    name: web::Path<String>,
    user: User,
) -> Result<NoContent, Problem> {
    services.secrets.remove(&user.ctx, &user.scope, &name).await?;
    Ok(NoContent)
}
