//! The middleware around everything: correlation id, time-out, panics, problems, headers, the request's log line.
//!
//! Nothing leaves the server without passing here, so every error has the one shape and every answer its correlation
//! id. CORS and compression stand inside.

use super::arrival::{Arrival, CORRELATION, NO_ROUTE};
use super::codes;
use super::cors;
use super::live::StreamLimits;
use super::load::Load;
use super::problem::Problem;
use super::refusals;
use super::slices;
use super::templates::Route;
use super::throttle;
use crate::config::Config;
use crate::metrics::Metrics;
use actix_web::body::{self, BodySize, BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{Error, HttpResponse, ResponseError};
use futures_util::FutureExt;
use kernel::{Environment, ErrorKind};
use opentelemetry::trace::Status;
use std::panic::AssertUnwindSafe;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use tracing::Instrument;
use tracing_opentelemetry::OpenTelemetrySpanExt;

/// How requests are met.
#[derive(Clone)]
pub struct Policy {
    /// Clock and ids.
    pub environment: Environment,
    /// A request that takes longer is given up.
    pub timeout: Duration,
    /// Whose web pages may call; `*` for everybody's.
    pub cors_origins: Vec<String>,
    /// How many requests are answered at once.
    pub load: Load,
    /// How many streams may be open.
    pub streams: StreamLimits,
    /// Whether browsers are told to come by TLS only.
    pub production: bool,
    /// Counts requests.
    pub metrics: Arc<Metrics>,
}

impl Policy {
    /// As configured.
    #[must_use]
    pub fn of(config: &Config, environment: Environment, metrics: Arc<Metrics>) -> Self {
        Self {
            environment,
            timeout: config.http.request_timeout,
            cors_origins: config.http.cors_origins.clone(),
            load: Load::of(config.http.requests_in_flight),
            streams: config.http.streams,
            production: config.is_production(),
            metrics,
        }
    }
}

/// Meets one request to a route that is on or off.
///
/// # Errors
/// When the request was lost on its way (switched off, time-out, panic): the error is the finished answer.
pub async fn meet(
    policy: Arc<Policy>,
    (route, is_on): (Arc<Route>, bool),
    mut request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let arrival = Arrival::note(&request, route, &policy.environment);
    let _in_flight = policy.metrics.request_comes();
    let Some(_admitted) = policy.load.admit(&arrival.route.template) else {
        policy.metrics.shed("requests");
        return Err(lost(&policy, &arrival, Problem::new(&codes::OVERLOADED)));
    };
    if request.method() == Method::HEAD {
        // Routes know GET; the protocol's encoder remembers that it was HEAD and leaves the body out.
        request.head_mut().method = Method::GET;
    }
    let span = span_of(&arrival, request.headers());
    if !is_on {
        return span.in_scope(|| Err(lost(&policy, &arrival, Problem::new(&codes::FEATURE_DISABLED))));
    }
    let work = AssertUnwindSafe(async move { next.call(request).await }).catch_unwind();
    async {
        match tokio::time::timeout(policy.timeout, work).await {
            Ok(Ok(Ok(response))) => {
                let problem = problem_of(response.response());
                if let Some(problem) = &problem {
                    refusals::note(response.request(), &arrival, problem).await;
                }
                Ok(settle(&policy, &arrival, response, problem))
            }
            Ok(Ok(Err(error))) => Err(lost(&policy, &arrival, Problem::of_error(&error))),
            Ok(Err(_panic)) => Err(lost(&policy, &arrival, Problem::internal("the handler panicked"))),
            Err(_elapsed) => Err(lost(&policy, &arrival, Problem::new(&codes::REQUEST_TIMEOUT))),
        }
    }
    .instrument(span)
    .await
}

/// The span around all that the request does, as a part of the trace that the client sent along.
fn span_of(arrival: &Arrival, headers: &HeaderMap) -> tracing::Span {
    let span = tracing::info_span!(
        "request",
        correlation_id = arrival.correlation_id.as_str(),
        otel.kind = "server",
        otel.name = format_args!("{} {}", arrival.method, arrival.route.template)
    );
    if span.is_disabled() {
        return span;
    }
    // Twice is as good as none: nobody knows which one is meant.
    let mut sent = headers.get_all(trace::TRACEPARENT);
    if let (Some(Ok(parent)), None) = (sent.next().map(HeaderValue::to_str), sent.next()) {
        trace::adopt(&span, parent);
    }
    if trace::is_traced(&span) {
        span.set_attribute("http.request.method", arrival.method.to_string());
        span.set_attribute("http.route", Arc::clone(&arrival.route.template));
    }
    span
}

/// Tells the trace how it ended.
fn note_end(status: StatusCode) {
    let span = tracing::Span::current();
    if span.is_disabled() {
        return;
    }
    span.set_attribute("http.response.status_code", i64::from(status.as_u16()));
    if status.is_server_error() {
        span.set_status(Status::error(""));
    }
}

fn settle(
    policy: &Policy,
    arrival: &Arrival,
    response: ServiceResponse<BoxBody>,
    problem: Option<Problem>,
) -> ServiceResponse<BoxBody> {
    let mut response = match &problem {
        Some(problem) => {
            let (request, old) = response.into_parts();
            let mut new = problem.render(arrival.correlation_id.as_str(), &arrival.path);
            keep_headers(old.headers(), new.headers_mut());
            ServiceResponse::new(request, new)
        }
        None => response,
    };
    let headers = response.headers_mut();
    if headers.get(header::CONTENT_ENCODING).is_some_and(|encoding| encoding == "identity") {
        headers.remove(header::CONTENT_ENCODING);
    }
    guard(policy, arrival, headers);
    log(policy, arrival, response.status(), problem.as_ref());
    sendable(arrival, response)
}

/// The answer as its connection may have it. Nobody takes the body of an answer to `HEAD`: a stream would be asked for more for
/// ever, while the connection's next request waits.
fn sendable(arrival: &Arrival, response: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
    let body = response.response().body();
    if arrival.method == Method::HEAD && body.size() == BodySize::Stream {
        response.map_body(|_, _| BoxBody::new(body::None::new()))
    } else if slices::is_large(body) {
        response.map_body(|_, body| slices::cut(body))
    } else {
        response
    }
}

/// The problem that an answer with an error's status stands for.
fn problem_of(response: &HttpResponse<BoxBody>) -> Option<Problem> {
    if response.status().as_u16() < 400 {
        return None;
    }
    Some(response.error().map_or_else(|| Problem::of_status(response.status()), Problem::of_error))
}

/// Headers that others had put on an answer whose body is replaced: CORS, `Allow`, `Vary`.
fn keep_headers(old: &HeaderMap, new: &mut HeaderMap) {
    let of_the_body =
        [header::CONTENT_TYPE, header::CONTENT_LENGTH, header::CONTENT_ENCODING, header::TRANSFER_ENCODING];
    let own: Vec<HeaderName> = new.keys().cloned().collect();
    for (name, value) in old.iter().filter(|(name, _)| !of_the_body.contains(name) && !own.contains(name)) {
        new.append(name.clone(), value.clone());
    }
}

/// Headers of every answer.
static ALWAYS: [(HeaderName, HeaderValue); 3] = [
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
];

/// In production, too.
static BY_TLS_ONLY: (HeaderName, HeaderValue) =
    (header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000; includeSubDomains"));

/// Adds the headers of every answer. A handler may have set what its content may do, and how long it may be kept.
fn guard(policy: &Policy, arrival: &Arrival, headers: &mut HeaderMap) {
    for (name, value) in ALWAYS.iter().chain(policy.production.then_some(&BY_TLS_ONLY)) {
        headers.append(name.clone(), value.clone());
    }
    if !headers.contains_key(header::CONTENT_SECURITY_POLICY) {
        let nothing = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
        headers.append(header::CONTENT_SECURITY_POLICY, nothing);
    }
    let is_kept = match headers.get(header::CACHE_CONTROL) {
        Some(kept) => kept != "no-store",
        None => {
            headers.append(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
            false
        }
    };
    cors::complete(arrival.origin.as_ref(), is_kept, headers);
    if let Some(taken) = arrival.taken.get() {
        throttle::tell(taken, headers);
    }
    // A correlation id is plain ASCII by construction.
    if let Ok(value) = HeaderValue::from_str(arrival.correlation_id.as_str()) {
        headers.append(CORRELATION, value);
    }
}

/// The answer to a request that did not come back: there is nothing left to attach a response to but the error.
fn lost(policy: &Policy, arrival: &Rc<Arrival>, problem: Problem) -> Error {
    log(policy, arrival, problem.status_code(), Some(&problem));
    Lost { policy: policy.clone(), arrival: Rc::clone(arrival), problem }.into()
}

#[derive(thiserror::Error)]
#[error("{problem}")]
struct Lost {
    policy: Policy,
    arrival: Rc<Arrival>,
    problem: Problem,
}

impl std::fmt::Debug for Lost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.problem.fmt(f)
    }
}

impl ResponseError for Lost {
    fn status_code(&self) -> StatusCode {
        self.problem.status_code()
    }

    fn error_response(&self) -> HttpResponse {
        let mut answer = self.problem.render(self.arrival.correlation_id.as_str(), &self.arrival.path);
        let headers = answer.headers_mut();
        // The CORS middleware never saw this answer; without its header a web page could not read the problem.
        let allowed = |origin: &HeaderValue| {
            origin.to_str().is_ok_and(|origin| cors::is_allowed(&self.policy.cors_origins, origin))
        };
        if let Some(origin) = self.arrival.origin.clone().filter(allowed) {
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        }
        guard(&self.policy, &self.arrival, headers);
        answer
    }
}

/// The route that a request counts for: none where no handler has it, so that made-up methods and paths are one.
fn counted_as<'a>(arrival: &'a Arrival, problem: Option<&Problem>) -> &'a str {
    let is_handled = problem.is_none_or(|problem| problem.code().name != codes::METHOD_NOT_ALLOWED.name);
    if is_handled { &arrival.route.template } else { NO_ROUTE }
}

/// One line per request; one more when something failed inside.
fn log(policy: &Policy, arrival: &Arrival, status: StatusCode, problem: Option<&Problem>) {
    let correlation_id = arrival.correlation_id.as_str();
    if let Some(problem) = problem {
        log_cause(correlation_id, problem);
    }
    let took = policy.environment.now().since(arrival.at);
    note_end(status);
    policy.metrics.request_answered(
        arrival.method.as_str(),
        counted_as(arrival, problem),
        status.as_u16(),
        took,
    );
    let duration_ms = f64::from(u32::try_from(took.as_micros()).unwrap_or(u32::MAX)) / 1_000.0;
    let (method, route, status) = (arrival.method.as_str(), &*arrival.route.template, status.as_u16());
    let user = arrival.user.get().map(tracing::field::display);
    let api_key = arrival.api_key.get().map(tracing::field::display);
    let workspace = arrival.workspace.get().map(tracing::field::display);
    let code = problem.map(|problem| problem.code().name);
    macro_rules! line {
        ($level:ident) => {
            tracing::$level!(
                correlation_id,
                http.method = method,
                http.route = route,
                http.status = status,
                duration_ms,
                user.id = user,
                api_key.id = api_key,
                workspace.id = workspace,
                trace.id = trace::trace_id(),
                error.code = code,
                "{method} {route} answered {status}"
            )
        };
    }
    // Probes come every few seconds and say nothing new.
    if route.starts_with("/health") && status < 500 { line!(debug) } else { line!(info) }
}

/// What went wrong inside, which no answer tells.
fn log_cause(correlation_id: &str, problem: &Problem) {
    let cause = problem.cause().unwrap_or(problem.code().meaning);
    match problem.code().kind {
        // Nothing went wrong at the door, and they come in numbers: their own lines are enough.
        _ if problem.code().name == codes::OVERLOADED.name && problem.cause().is_none() => {}
        ErrorKind::Internal => {
            tracing::error!(
                correlation_id,
                error.code = problem.code().name,
                error.cause = cause,
                "request failed"
            );
        }
        ErrorKind::Unavailable => {
            tracing::warn!(
                correlation_id,
                error.code = problem.code().name,
                error.cause = cause,
                "request given up"
            );
        }
        _ => {}
    }
}
