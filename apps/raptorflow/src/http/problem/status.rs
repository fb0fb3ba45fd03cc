//! Which status a code has; and which code a bare status stands for.

use crate::http::codes;
use actix_web::http::StatusCode;
use kernel::{Code, ErrorKind, code};

/// The status of a code: that of its kind, but for the few that HTTP has a status of their own for.
#[must_use]
pub fn status_of(code: &Code) -> StatusCode {
    let own = [
        (&codes::METHOD_NOT_ALLOWED, StatusCode::METHOD_NOT_ALLOWED),
        (&codes::WEBSOCKET_REQUIRED, StatusCode::UPGRADE_REQUIRED),
        (&codes::NOT_ACCEPTABLE, StatusCode::NOT_ACCEPTABLE),
        (&codes::BODY_TOO_LARGE, StatusCode::PAYLOAD_TOO_LARGE),
        (&codes::UNSUPPORTED_MEDIA_TYPE, StatusCode::UNSUPPORTED_MEDIA_TYPE),
    ];
    if let Some((_, status)) = own.iter().find(|(own, _)| own.name == code.name) {
        return *status;
    }
    match code.kind {
        ErrorKind::Malformed => StatusCode::BAD_REQUEST,
        ErrorKind::Unauthenticated => StatusCode::UNAUTHORIZED,
        ErrorKind::BudgetExceeded => StatusCode::PAYMENT_REQUIRED,
        ErrorKind::Forbidden => StatusCode::FORBIDDEN,
        ErrorKind::NotFound => StatusCode::NOT_FOUND,
        ErrorKind::Conflict => StatusCode::CONFLICT,
        ErrorKind::Stale => StatusCode::PRECONDITION_FAILED,
        ErrorKind::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
        ErrorKind::RateLimited => StatusCode::TOO_MANY_REQUESTS,
        ErrorKind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        ErrorKind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// The code of an answer that a library gave without one.
pub(super) fn code_of(status: StatusCode) -> &'static Code {
    match status.as_u16() {
        401 => &codes::UNAUTHENTICATED,
        403 => &code::FORBIDDEN,
        404 => &code::NOT_FOUND,
        405 => &codes::METHOD_NOT_ALLOWED,
        406 => &codes::NOT_ACCEPTABLE,
        409 => &code::CONFLICT,
        412 => &code::STALE_VERSION,
        413 => &codes::BODY_TOO_LARGE,
        415 => &codes::UNSUPPORTED_MEDIA_TYPE,
        422 => &code::INVALID,
        503 => &code::UNAVAILABLE,
        400..=499 => &codes::MALFORMED_REQUEST,
        _ => &code::INTERNAL,
    }
}
