//! Problem details (RFC 9457): the one place where a failure becomes a status and a body.
//!
//! A handler answers `Result<_, Problem>` and uses `?`: every domain error is a [`Failure`] and converts. The
//! [edge](super::edge) renders the problem with its correlation id and logs its cause, once.

mod openai;
mod status;
mod wire;

pub use status::status_of;
pub use wire::{FieldProblem, ProblemBody, type_uri};

use super::codes;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpResponse, ResponseError};
use kernel::{Code, ErrorKind, Failure, FieldError, FieldErrors, Violation, code};
use std::time::Duration;

/// The type URI of a code starts with this.
pub const TYPE_BASE: &str = "https://raptorflow.dev/errors/";
/// The media type of every error's body.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// Why a request is answered with an error.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{}", .code.name)]
pub struct Problem {
    code: &'static Code,
    // Boxed, so that the results of the happy path stay small.
    more: Box<More>,
}

/// What a problem says beyond its code.
#[derive(Debug, Clone, Default)]
struct More {
    detail: Option<String>,
    errors: Vec<FieldError>,
    cause: Option<String>,
    retry_after: Option<Duration>,
    headers: Vec<(HeaderName, HeaderValue)>,
    extension: Option<(&'static str, serde_json::Value)>,
}

impl Problem {
    /// A problem of this code; its detail is the code's meaning.
    #[must_use]
    pub fn new(code: &'static Code) -> Self {
        let retry_after = (code.kind == ErrorKind::Unavailable).then_some(Duration::from_secs(2));
        Self { code, more: Box::new(More { retry_after, ..More::default() }) }
    }

    /// A problem of wrong fields or parameters.
    #[must_use]
    pub fn fields(code: &'static Code, errors: Vec<FieldError>) -> Self {
        let mut problem = Self::new(code);
        problem.more.errors = errors;
        problem
    }

    /// A failure of our own; the cause is logged and never sent.
    #[must_use]
    pub fn internal(cause: impl Into<String>) -> Self {
        Self::new(&code::INTERNAL).because(cause.into())
    }

    fn because(mut self, cause: String) -> Self {
        self.more.cause = Some(cause);
        self
    }

    /// Says when to come back.
    #[must_use]
    pub fn retry_after(mut self, after: Duration) -> Self {
        self.more.retry_after = Some(after);
        self
    }

    /// Says more than the code's meaning; must hold nothing from inside.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.more.detail = Some(detail.into());
        self
    }

    /// Sends a header with the answer.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.more.headers.push((name, value));
        }
        self
    }

    /// Adds a member to the body (RFC 9457, 3.2).
    #[must_use]
    pub fn extension(mut self, name: &'static str, value: serde_json::Value) -> Self {
        self.more.extension = Some((name, value));
        self
    }

    /// The same problem with the wrong fields of another one, too.
    #[must_use]
    pub fn with_errors_of(mut self, other: Self) -> Self {
        self.more.errors.extend(other.more.errors);
        self
    }

    /// The same problem, with its wrong fields where the client wrote them.
    #[must_use]
    pub fn pointing(mut self, place: impl Fn(&str) -> String) -> Self {
        for error in &mut self.more.errors {
            error.pointer = place(&error.pointer);
        }
        self
    }

    /// The code.
    #[must_use]
    pub const fn code(&self) -> &'static Code {
        self.code
    }

    /// What is wrong with this request, as the answer says it.
    #[must_use]
    pub fn reason(&self) -> &str {
        self.more.detail.as_deref().unwrap_or(self.code.meaning)
    }

    /// What went wrong inside, for the log.
    #[must_use]
    pub fn cause(&self) -> Option<&str> {
        self.more.cause.as_deref()
    }

    /// The problem that any error of the web framework is.
    #[must_use]
    pub fn of_error(error: &actix_web::Error) -> Self {
        if let Some(problem) = error.as_error::<Self>() {
            return problem.clone();
        }
        if let Some(refused) = error.as_error::<actix_cors::CorsError>() {
            return Self::new(&codes::ORIGIN_NOT_ALLOWED).detail(refused.to_string());
        }
        let status = error.as_response_error().status_code();
        Self::of_status(status).because(error.to_string())
    }

    /// The problem of a bare status.
    #[must_use]
    pub fn of_status(status: StatusCode) -> Self {
        Self::new(status::code_of(status))
    }

    /// No such route; or a route without this method, when it has `methods`.
    #[must_use]
    pub fn no_route(methods: &[Method]) -> Self {
        if methods.is_empty() {
            return Self::new(&code::NOT_FOUND);
        }
        let allowed: Vec<&str> = methods.iter().map(Method::as_str).collect();
        Self::new(&codes::METHOD_NOT_ALLOWED).header(header::ALLOW, &allowed.join(", "))
    }
}

/// Whether the text of a failure with this code may come from a store: names of constraints and worse.
fn may_tell_of_the_inside(code: &Code) -> bool {
    let from_stores = [&code::CONFLICT, &code::NOT_FOUND, &code::STALE_VERSION];
    matches!(code.kind, ErrorKind::Internal | ErrorKind::Unavailable)
        || from_stores.iter().any(|known| known.name == code.name)
}

impl<E: Failure> From<E> for Problem {
    fn from(failure: E) -> Self {
        let code = failure.code();
        let mut problem = Self::fields(code, failure.fields().to_vec());
        problem.more.retry_after = failure.retry_after();
        problem.more.extension = failure.member();
        if may_tell_of_the_inside(code) {
            problem.more.cause = Some(chain(&failure));
        } else if problem.more.errors.is_empty() {
            problem.more.detail = Some(failure.to_string());
        }
        problem
    }
}

fn chain(failure: &impl Failure) -> String {
    let mut text = failure.to_string();
    let mut source = failure.source();
    while let Some(inner) = source {
        text = format!("{text}: {inner}");
        source = inner.source();
    }
    text
}

/// A single wrong field, as a list.
#[must_use]
pub fn one_field(pointer: &str, code: &'static str, message: impl Into<String>) -> Vec<FieldError> {
    FieldErrors::one(pointer, Violation::new(code, message)).as_slice().to_vec()
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        status_of(self.code)
    }

    /// What is sent when no edge stands around the handler.
    fn error_response(&self) -> HttpResponse {
        self.render("", "")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::StoreError;

    async fn body_of(problem: &Problem) -> serde_json::Value {
        let answer = problem.render("corr-1234", "/api/v1/x");
        let bytes = actix_web::body::to_bytes(answer.into_body()).await.unwrap();
        serde_json::from_slice(&bytes).unwrap()
    }

    #[actix_web::test]
    async fn a_problem_has_every_member_of_the_standard_and_ours() {
        let problem = Problem::fields(&code::INVALID, one_field("/name", "required", "is missing"));
        assert_eq!(
            body_of(&problem).await,
            serde_json::json!({
                "type": "https://raptorflow.dev/errors/invalid",
                "title": code::INVALID.meaning,
                "status": 422,
                "detail": code::INVALID.meaning,
                "instance": "/api/v1/x",
                "code": "invalid",
                "correlation_id": "corr-1234",
                "errors": [{"pointer": "/name", "code": "required", "message": "is missing"}],
            })
        );
    }

    #[actix_web::test]
    async fn what_a_store_says_is_for_the_log_only() {
        for error in [
            StoreError::Conflict("campaigns_slug_key".into()),
            StoreError::Unavailable("postgres://app:pw@db".into()),
            StoreError::Internal("SELECT secret FROM users".into()),
        ] {
            let told = error.to_string();
            let problem = Problem::from(error);
            assert_eq!(problem.cause(), Some(told.as_str()));
            let body = body_of(&problem).await;
            assert_eq!(body["detail"], body["title"]);
        }
    }

    #[test]
    fn each_kind_has_its_status() {
        let status = |code: &'static Code| Problem::new(code).status_code().as_u16();
        let statuses = [
            (&codes::MALFORMED_JSON, 400),
            (&codes::UNAUTHENTICATED, 401),
            (&code::FORBIDDEN, 403),
            (&code::NOT_FOUND, 404),
            (&codes::METHOD_NOT_ALLOWED, 405),
            (&code::CONFLICT, 409),
            (&code::STALE_VERSION, 412),
            (&codes::BODY_TOO_LARGE, 413),
            (&codes::UNSUPPORTED_MEDIA_TYPE, 415),
            (&code::INVALID, 422),
            (&code::INTERNAL, 500),
            (&codes::REQUEST_TIMEOUT, 503),
        ];
        for (code, expected) in statuses {
            assert_eq!(status(code), expected, "{}", code.name);
        }
    }
}
