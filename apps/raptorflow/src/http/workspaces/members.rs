//! `GET /api/v1/workspaces/{workspace_id}/members`.

use crate::http::{
    listing::{Listing, PageBody, PageParams},
    reply::Answer,
    tenant::Tenant,
};
use crate::wiring::Services;
use actix_web::{get, web};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;
use workspace::Member;

/// A member as the others see them.
#[derive(Serialize, ToSchema)]
pub(super) struct MemberBody {
    user_id: Uuid,
    /// `null` for an erased account.
    email: Option<String>,
    display_name: Option<String>,
    /// `owner`, `admin` or `member`.
    role: &'static str,
    #[schema(format = DateTime)]
    joined_at: String,
}

impl From<Member> for MemberBody {
    fn from(member: Member) -> Self {
        let (email, display_name) = member.person.map(|p| (p.email, p.display_name)).unzip();
        Self {
            user_id: member.membership.user_id.uuid(),
            email,
            display_name: display_name.flatten(),
            role: member.membership.role.name(),
            joined_at: member.membership.joined_at.to_string(),
        }
    }
}

/// Who is in the workspace, the oldest membership first.
#[utoipa::path(tag = "members", operation_id = "list_members",
    params(PageParams), responses((status = 200, body = PageBody<MemberBody>)),
    extensions(("x-access" = json!("member")), ("x-reads" = json!(["memberships", "users", "profiles"]))))]
#[get("/api/v1/workspaces/{workspace_id}/members")]
pub(super) async fn list_members(
    services: web::Data<Services>,
    tenant: Tenant,
    list: Listing,
) -> Answer<PageBody<MemberBody>> {
    let page = services.members.list(&tenant.scope, &list.page(&tenant)?).await?;
    Ok(list.answer(&tenant, page.map(MemberBody::from)))
}
