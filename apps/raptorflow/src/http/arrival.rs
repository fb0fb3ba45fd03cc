//! What is known of a request at the door, kept until it is answered.

use super::asking::Asked;
use super::templates::Route;
use super::throttle::Taken;
use actix_web::dev::ServiceRequest;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::http::{Method, header};
use actix_web::{HttpMessage, HttpRequest};
use kernel::{ApiKeyId, CorrelationId, Environment, Timestamp, UserId, WorkspaceId};
use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;

/// Carries the correlation id, in and out.
pub const CORRELATION: HeaderName = HeaderName::from_static("x-correlation-id");

/// Stands for the route of a request that none has.
pub const NO_ROUTE: &str = "(no route)";

/// One request, from its arrival to its log line.
#[derive(Debug)]
pub struct Arrival {
    /// The client's, when it is a sane token; else minted.
    pub correlation_id: CorrelationId,
    /// When.
    pub at: Timestamp,
    /// As the client sent it.
    pub method: Method,
    /// Where it is bound for.
    pub route: Arc<Route>,
    /// The path that was asked for, without what may be a token.
    pub path: String,
    /// The web page's origin, when one asks.
    pub origin: Option<HeaderValue>,
    /// Whether it is known who calls.
    pub asked: Asked,
    /// Who it turned out to be.
    pub user: Cell<Option<UserId>>,
    /// The key that it showed, when it is a program.
    pub api_key: Cell<Option<ApiKeyId>>,
    /// Where they act.
    pub workspace: Cell<Option<WorkspaceId>>,
    /// The bucket of the limits that it took a token from.
    pub taken: Cell<Option<Taken>>,
}

impl Arrival {
    /// Notes the arrival, and leaves it with the request for the extractors.
    pub fn note(request: &ServiceRequest, route: Arc<Route>, env: &Environment) -> Rc<Self> {
        let mut tokens = request.headers().get_all(CORRELATION);
        let sent = tokens.next().filter(|_| tokens.next().is_none()).and_then(|token| token.to_str().ok());
        let arrival = Rc::new(Self {
            correlation_id: sent
                .and_then(CorrelationId::parse)
                .unwrap_or_else(|| CorrelationId::mint(env.ids.uuid())),
            at: env.now(),
            method: request.method().clone(),
            route,
            path: shown(request.path()),
            origin: request.headers().get(header::ORIGIN).cloned(),
            asked: Asked::default(),
            user: Cell::default(),
            api_key: Cell::default(),
            workspace: Cell::default(),
            taken: Cell::default(),
        });
        request.extensions_mut().insert(Rc::clone(&arrival));
        arrival
    }

    /// The arrival of a request, when an edge stands around its handler.
    #[must_use]
    pub fn of(request: &HttpRequest) -> Option<Rc<Self>> {
        request.extensions().get::<Rc<Self>>().map(Rc::clone)
    }
}

/// No name and no id in a path is longer than a UUID; what is may be a token, in its place or by a mistake, and is not
/// repeated in a problem, which programs hand on to their own logs.
fn shown(path: &str) -> String {
    const LONGEST: usize = 36;
    if path.len() <= LONGEST {
        return path.to_owned();
    }
    let parts = path.split('/').map(|part| if part.len() > LONGEST { "-" } else { part });
    parts.collect::<Vec<_>>().join("/")
}
