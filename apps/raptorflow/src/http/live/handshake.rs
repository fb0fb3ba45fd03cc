//! Who may open a WebSocket at all, before it is asked who calls.

use crate::http::{arrival::Arrival, codes, cors, edge::Policy, header::single, problem::Problem};
use actix_web::dev::Payload;
use actix_web::http::{Method, header};
use actix_web::{FromRequest, HttpRequest, web};
use std::future::{Ready, ready};

/// A request to open a WebSocket, by no web page or by one that `CORS_ORIGINS` names.
///
/// Browsers open WebSockets for every page and leave it to the server to look where the page is from. No page can show
/// credentials that it was not given, as there are no cookies; but a page that should not be here is not let try.
#[derive(Debug)]
pub(in crate::http) struct Handshake;

impl FromRequest for Handshake {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(check(request).map(|()| Self))
    }
}

fn check(request: &HttpRequest) -> Result<(), Problem> {
    // The edge makes GET of HEAD.
    let is_get = Arrival::of(request).is_some_and(|arrival| arrival.method == Method::GET);
    if !is_get || !is_upgrade(request) {
        return Err(wanted(
            "This is for WebSockets; the same facts come over HTTP from the path that ends in `stream`.",
        ));
    }
    let missing = || Problem::internal("the app has no policy");
    let policy = request.app_data::<web::Data<Policy>>().ok_or_else(missing)?;
    match single(request, header::ORIGIN.as_str())? {
        Some(origin) if !cors::is_allowed(&policy.cors_origins, origin) => {
            Err(Problem::new(&codes::ORIGIN_NOT_ALLOWED))
        }
        _ => Ok(()),
    }
}

/// Whether the request wants to become a WebSocket.
pub(in crate::http) fn is_upgrade(request: &HttpRequest) -> bool {
    let upgrade = request.headers().get(header::UPGRADE).and_then(|value| value.to_str().ok());
    upgrade.is_some_and(|protocols| {
        protocols.split(',').any(|protocol| protocol.trim().eq_ignore_ascii_case("websocket"))
    })
}

/// The answer to a request that does not become a WebSocket.
pub(super) fn wanted(detail: &str) -> Problem {
    Problem::new(&codes::WEBSOCKET_REQUIRED).detail(detail).header(header::UPGRADE, "websocket")
}
