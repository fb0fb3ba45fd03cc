//! What a handler answers.

use super::precondition;
use super::problem::Problem;
use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, Responder};
use serde::Serialize;
use std::time::Duration;

/// What a handler's function returns.
pub type Answer<T> = Result<Reply<T>, Problem>;

/// Bodies below this length are sent as they are: compressing them saves no packet and costs time.
const WORTH_COMPRESSING: usize = 1024;

/// A successful answer with a JSON body.
#[derive(Debug)]
pub struct Reply<T> {
    status: StatusCode,
    version: Option<i32>,
    location: Option<String>,
    kept_for: Option<u32>,
    retry_after: Option<Duration>,
    body: T,
}

impl<T> Reply<T> {
    const fn new(status: StatusCode, body: T) -> Self {
        Self { status, version: None, location: None, kept_for: None, retry_after: None, body }
    }

    /// 200.
    pub const fn ok(body: T) -> Self {
        Self::new(StatusCode::OK, body)
    }

    /// 201.
    pub const fn created(body: T) -> Self {
        Self::new(StatusCode::CREATED, body)
    }

    /// 202.
    pub const fn accepted(body: T) -> Self {
        Self::new(StatusCode::ACCEPTED, body)
    }

    /// Sends the version as `ETag`, for `If-Match`.
    #[must_use]
    pub const fn version(mut self, version: i32) -> Self {
        self.version = Some(version);
        self
    }

    /// Lets everybody keep the answer for so many seconds; without it nobody may.
    #[must_use]
    pub const fn kept_for(mut self, seconds: u32) -> Self {
        self.kept_for = Some(seconds);
        self
    }

    /// Says when to ask again.
    #[must_use]
    pub const fn retry_after(mut self, after: Duration) -> Self {
        self.retry_after = Some(after);
        self
    }

    /// Says where the thing is found.
    #[must_use]
    pub fn location(mut self, path: impl Into<String>) -> Self {
        self.location = Some(path.into());
        self
    }
}

impl<T: Serialize> Responder for Reply<T> {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let body = match serde_json::to_vec(&self.body) {
            Ok(body) => body,
            Err(error) => {
                return HttpResponse::from_error(Problem::internal(format!("unwritable answer: {error}")));
            }
        };
        let mut answer = HttpResponse::build(self.status);
        answer.insert_header((header::CONTENT_TYPE, HeaderValue::from_static("application/json")));
        if let Some(version) = self.version {
            answer.insert_header((header::ETAG, precondition::tag(version)));
        }
        if let Some(seconds) = self.kept_for {
            answer.insert_header((header::CACHE_CONTROL, format!("public, max-age={seconds}")));
        }
        if let Some(location) = self.location.as_deref().and_then(|path| HeaderValue::from_str(path).ok()) {
            answer.insert_header((header::LOCATION, location));
        }
        if let Some(after) = self.retry_after {
            answer.insert_header((header::RETRY_AFTER, after.as_secs().max(1)));
        }
        if body.len() < WORTH_COMPRESSING && request.headers().contains_key(header::ACCEPT_ENCODING) {
            // Keeps the compressing middleware away; the edge takes the header off again.
            answer.insert_header((header::CONTENT_ENCODING, HeaderValue::from_static("identity")));
        }
        answer.body(body)
    }
}

/// 204: done, and there is nothing to say.
#[derive(Debug, Clone, Copy)]
pub struct NoContent;

impl Responder for NoContent {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        HttpResponse::NoContent().finish()
    }
}
