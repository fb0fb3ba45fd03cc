//! `GET /api/v1/users`.

use super::{PersonBody, statuses};
use crate::http::{
    caller::User,
    listing::{ById, Listing, PageBody, PageParams},
    reply::Answer,
};
use crate::wiring::Services;
use actix_web::{get, web};
use identity::{PeopleFilter, UserStatus};
use serde::Deserialize;

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Search {
    /// The beginning of an address or a part of a name, whatever the case.
    #[param(max_length = 254)]
    q: Option<String>,
    /// People of this status only.
    #[param(schema_with = statuses, required = false)]
    status: Option<UserStatus>,
}

/// The people of the platform, the newest account first.
#[utoipa::path(tag = "users", operation_id = "list_users", params(PageParams, Search),
    responses((status = 200, body = PageBody<PersonBody>)),
    extensions(("x-access" = json!("platform_admin")), ("x-reads" = json!(["users", "profiles"]))))]
#[get("/api/v1/users")]
pub(super) async fn list_users(
    services: web::Data<Services>,
    user: User,
    list: Listing<Search>,
) -> Answer<PageBody<PersonBody>> {
    let text = list.filter.q.as_deref().map(str::trim).filter(|q| !q.is_empty()).map(ToOwned::to_owned);
    let filter = PeopleFilter { text, status: list.filter.status };
    let page = services.administration.list(&user.ctx, &filter, &list.page::<ById>(&user)?).await?;
    Ok(list.answer(&user, page.map(PersonBody::from)))
}
