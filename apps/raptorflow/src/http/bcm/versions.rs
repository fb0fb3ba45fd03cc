//! `GET /api/v1/bcm/{workspace_id}/versions` and `/versions/{version}`.

use super::{SummaryBody, current::VersionBody};
use crate::http::{
    asking::{Reading, reading},
    codes,
    listing::{Listing, PageBody, PageParams},
    problem::{Problem, one_field},
    reply::Answer,
    tenant::Tenant,
};
use crate::wiring::Services;
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, get, web};

/// The versions of the business context without their documents, newest first.
#[utoipa::path(tag = "bcm", operation_id = "list_business_context_versions", params(PageParams),
    responses((status = 200, body = PageBody<SummaryBody>)),
    extensions(("x-access" = json!("member")), ("x-reads" = json!(["context_versions"]))))]
#[get("/api/v1/bcm/{workspace_id}/versions")]
pub(super) async fn list_business_context_versions(
    services: web::Data<Services>,
    tenant: Tenant,
    list: Listing,
) -> Answer<PageBody<SummaryBody>> {
    let page = services.contexts.list_versions(&tenant.scope, &list.page(&tenant)?).await?;
    Ok(list.answer(&tenant, page.map(SummaryBody::from)))
}

/// The number of a version, in the path.
#[derive(Debug, Clone, Copy)]
struct VersionNumber(i32);

impl FromRequest for VersionNumber {
    type Error = Problem;
    type Future = Reading<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let number = request.match_info().get("version").and_then(|text| text.parse().ok());
        let number = number.map(Self).ok_or_else(|| {
            let errors = one_field("version", "invalid_format", "must be a whole number");
            Problem::fields(&codes::INVALID_PATH, errors).detail("The version in the path is no number.")
        });
        reading(request, number)
    }
}

/// One version of the business context.
#[utoipa::path(tag = "bcm", operation_id = "get_business_context_version",
    params(("version" = i32, Path, description = "1, 2, 3, ...")), responses((status = 200, body = VersionBody)),
    extensions(("x-access" = json!("member")), ("x-reads" = json!(["context_versions"]))))]
#[get("/api/v1/bcm/{workspace_id}/versions/{version}")]
pub(super) async fn get_business_context_version(
    services: web::Data<Services>,
    tenant: Tenant,
    number: VersionNumber,
) -> Answer<VersionBody> {
    VersionBody::reply(services.contexts.get_version(&tenant.scope, number.0).await?)
}
