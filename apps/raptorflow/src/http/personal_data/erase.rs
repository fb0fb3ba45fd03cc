//! `DELETE /api/v1/users/me`.

use super::refused;
use crate::http::{caller::User, problem::Problem, reply::NoContent};
use crate::wiring::Services;
use actix_web::{delete, web};

/// Erase the caller (GDPR, article 17).
///
/// At once every session ends and nobody can log in as them. Soon after, a job has taken away the address, the name, the
/// password and everything else that is personal, and the address is free for a new account; ids, types and times stay in
/// the trail. Workspaces in which nobody else is are deleted; while one with other members has no other owner, the answer
/// is 409 `sole_owner`, and `workspaces` names it. Needs a login of the last fifteen minutes.
#[utoipa::path(tag = "users", operation_id = "erase_me", responses((status = 204)),
    extensions(("x-access" = json!("user")), ("x-reads" = json!(["users", "memberships", "workspaces"])),
        ("x-writes" = json!(["users", "sessions", "events", "jobs"]))))]
#[delete("/api/v1/users/me")]
pub(super) async fn erase_me(services: web::Data<Services>, user: User) -> Result<NoContent, Problem> {
    services.personal_data.erase_own(&user.ctx, &user.login).await.map_err(refused)?;
    Ok(NoContent)
}
