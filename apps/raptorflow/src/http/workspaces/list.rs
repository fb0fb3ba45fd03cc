//! `GET /api/v1/workspaces`.

use super::WorkspaceBody;
use crate::http::{
    caller::User,
    listing::{Listing, PageBody, PageParams},
    reply::Answer,
};
use crate::wiring::Services;
use actix_web::{get, web};

/// The caller's workspaces, the oldest membership first.
#[utoipa::path(tag = "workspaces", operation_id = "list_workspaces", params(PageParams),
    responses((status = 200, body = PageBody<WorkspaceBody>)),
    extensions(("x-access" = json!("user")), ("x-reads" = json!(["workspaces", "memberships"]))))]
#[get("/api/v1/workspaces")]
pub(super) async fn list_workspaces(
    services: web::Data<Services>,
    user: User,
    list: Listing,
) -> Answer<PageBody<WorkspaceBody>> {
    let page = services.workspaces.list_mine(&user.scope, &list.page(&user)?).await?;
    Ok(list.answer(&user, page.map(|mine| WorkspaceBody::of(mine.workspace, mine.role))))
}
