//! Which web pages may call.

use super::arrival::CORRELATION;
use super::{credentials, idempotency, tenant};
use actix_cors::Cors;
use actix_web::http::{Method, header};

/// How long a browser remembers the answer to its preflight, in seconds.
const REMEMBERED: usize = 3600;

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
            CORRELATION,
            idempotency::NAME,
            credentials::KEY_HEADER,
            "Last-Event-ID",
        ])
        .expose_headers([header::ETAG, header::LOCATION, header::RETRY_AFTER, header::WWW_AUTHENTICATE])
        .expose_headers([CORRELATION, "RateLimit", "RateLimit-Policy"])
        .max_age(REMEMBERED);
    if origins.iter().any(|origin| origin == "*") {
        return cors.allow_any_origin();
    }
    origins.iter().fold(cors, |cors, origin| cors.allowed_origin(origin))
}
