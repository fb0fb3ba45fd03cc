//! `DELETE /api/v1/users/{user_id}`.

use crate::http::{caller::User, path::PathId, personal_data::refused, problem::Problem, reply::NoContent};
use crate::wiring::Services;
use actix_web::{delete, web};
use kernel::UserId;

/// Erase a person, as they can themselves.
///
/// Their sole ownership of a workspace with other members stands in the way here too.
#[utoipa::path(tag = "users", operation_id = "erase_user", responses((status = 204)),
    extensions(("x-access" = json!("platform_admin")), ("x-reads" = json!(["users", "profiles", "memberships",
        "workspaces"])), ("x-writes" = json!(["users", "sessions", "events", "jobs"]))))]
#[delete("/api/v1/users/{user_id}")]
pub(super) async fn erase_user(
    services: web::Data<Services>,
    user: User,
    id: PathId<UserId>,
) -> Result<NoContent, Problem> {
    services.personal_data.erase_other(&user.ctx, id.0).await.map_err(refused)?;
    Ok(NoContent)
}
