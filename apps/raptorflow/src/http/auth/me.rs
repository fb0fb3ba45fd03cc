//! `GET /api/v1/auth/me`.

use super::UserBody;
use crate::http::{
    caller::User,
    reply::{Answer, Reply},
};
use crate::wiring::Services;
use actix_web::{get, web};
use identity::Account;
use kernel::{Limit, PageRequest};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Serialize, ToSchema)]
struct MeBody {
    user: UserBody,
    /// Whether logins take a second factor.
    mfa_enabled: bool,
    /// The workspaces of the person, the oldest membership first; at most 100, `GET /api/v1/workspaces` has all.
    memberships: Vec<MembershipBody>,
}

#[derive(Serialize, ToSchema)]
struct MembershipBody {
    workspace_id: Uuid,
    /// `owner`, `admin` or `member`.
    role: &'static str,
    workspace_name: String,
}

/// Who am I, and where am I a member?
#[utoipa::path(tag = "auth", operation_id = "me", responses((status = 200, body = MeBody)),
    extensions(("x-access" = json!("user")),
        ("x-reads" = json!(["users", "profiles", "mfa_factors", "memberships", "workspaces"]))))]
#[get("/api/v1/auth/me")]
pub(super) async fn me(services: web::Data<Services>, user: User) -> Answer<MeBody> {
    let person = services.accounts.me(&user.ctx).await?;
    let mfa_enabled = services.second_factor.is_enrolled(&user.scope).await?;
    let most = PageRequest { limit: Limit::new(100).unwrap_or(Limit::DEFAULT), after: None };
    let mine = services.workspaces.list_mine(&user.scope, &most).await?;
    let memberships = mine.items.into_iter().map(|mine| MembershipBody {
        workspace_id: mine.workspace.id.uuid(),
        role: mine.role.name(),
        workspace_name: mine.workspace.name,
    });
    Ok(Reply::ok(MeBody {
        user: Account::from(&person).into(),
        mfa_enabled,
        memberships: memberships.collect(),
    }))
}
