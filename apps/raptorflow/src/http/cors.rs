//! Which web pages may call.

use super::arrival::CORRELATION;
use super::{credentials, idempotency, tenant};
use actix_cors::Cors;
use actix_web::http::header::{HeaderMap, HeaderValue};
use actix_web::http::{Method, header};

/// How long a browser remembers the answer to its preflight, in seconds.
const REMEMBERED: usize = 3600;

/// What pages may read of an answer, beside what any page may.
const EXPOSED: &str =
    "etag, location, retry-after, www-authenticate, x-correlation-id, ratelimit, ratelimit-policy";

/// Whether pages of this origin may call.
pub(super) fn is_allowed(origins: &[String], origin: &str) -> bool {
    origins.iter().any(|allowed| allowed == "*" || allowed == origin)
}

/// The middleware for these origins. Credentials are not allowed along: tokens travel in `Authorization`, and there
/// are no cookies.
pub(super) fn allowing(origins: &[String]) -> Cors {
    let methods = [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];
    let cors = Cors::default()
        .allowed_methods(methods)
        .allowed_headers([header::AUTHORIZATION, header::CONTENT_TYPE, header::IF_MATCH])
        .allowed_headers([
            tenant::HEADER,
            CORRELATION.as_str(),
            idempotency::NAME,
            credentials::KEY_HEADER,
            "Last-Event-ID",
        ])
        // `complete` does better.
        .disable_vary_header()
        .max_age(REMEMBERED);
    if origins.iter().any(|origin| origin == "*") {
        return cors.allow_any_origin();
    }
    origins.iter().fold(cors, |cors, origin| cors.allowed_origin(origin))
}

/// Says what pages may read of an answer, and that it differs from page to page. A program sends no `Origin` and is told
/// nothing of it, but where a cache may keep its answer and give it to a page.
pub(super) fn complete(origin: Option<&HeaderValue>, is_kept: bool, headers: &mut HeaderMap) {
    if origin.is_some() && headers.contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN) {
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED));
    }
    if origin.is_some() || is_kept {
        headers.append(header::VARY, HeaderValue::from_static("Origin"));
    }
}
