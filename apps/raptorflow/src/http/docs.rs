//! The browsable reference: Swagger UI from the binary itself, so that it works offline.

use super::problem::Problem;
use super::routes::Routes;
use actix_web::http::header;
use actix_web::{HttpResponse, get, web};
use kernel::code;
use std::borrow::Cow;
use std::sync::Arc;
use utoipa_swagger_ui::Config;

/// The OpenAPI document, written once.
#[derive(Debug, Clone)]
pub struct Document(pub web::Bytes);

/// Scripts and styles of its own only; Swagger UI sets styles on elements and has images in its style sheet.
const POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Adds the routes.
pub fn configure(routes: &mut Routes<'_, '_>) {
    routes.add(openapi).add(reference).add_undocumented("/docs/{file}", file);
}

/// The OpenAPI 3.1 document of this API.
#[utoipa::path(
    tag = "ops",
    operation_id = "openapi_document",
    responses((status = 200, description = "The document.", content_type = "application/json")),
    extensions(("x-access" = json!("public")))
)]
#[get("/openapi.json")]
async fn openapi(document: web::Data<Document>) -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(document.0.clone())
}

/// The browsable reference of this API.
#[utoipa::path(
    tag = "ops",
    operation_id = "api_reference",
    responses((status = 200, description = "A page.", content_type = "text/html")),
    extensions(("x-access" = json!("public")))
)]
#[get("/docs")]
async fn reference() -> Result<HttpResponse, Problem> {
    let (content_type, page) = asset("index.html")?;
    // The page stands beside its files, not above them.
    let page = String::from_utf8_lossy(&page)
        .replace("\"./", "\"/docs/")
        .replace("\"index.css", "\"/docs/index.css");
    Ok(answer(&content_type, page.into()))
}

#[get("/docs/{file}")]
async fn file(name: web::Path<String>) -> Result<HttpResponse, Problem> {
    asset(&name).map(|(content_type, bytes)| answer(&content_type, bytes))
}

fn answer(content_type: &str, bytes: web::Bytes) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(content_type)
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((header::CACHE_CONTROL, "public, max-age=3600"))
        .body(bytes)
}

fn asset(name: &str) -> Result<(String, web::Bytes), Problem> {
    let config = Arc::new(Config::from("/openapi.json"));
    let found =
        utoipa_swagger_ui::serve(name, config).map_err(|error| Problem::internal(error.to_string()))?;
    let found = found.ok_or_else(|| Problem::new(&code::NOT_FOUND))?;
    let bytes = match found.bytes {
        Cow::Borrowed(bytes) => web::Bytes::from_static(bytes),
        Cow::Owned(bytes) => bytes.into(),
    };
    Ok((found.content_type, bytes))
}
