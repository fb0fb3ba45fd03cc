//! A problem as it is sent, and as it is documented.

use super::{MEDIA_TYPE, Problem, TYPE_BASE, openai::OpenAiError, status_of};
use actix_web::HttpResponse;
use actix_web::http::{StatusCode, header};
use kernel::{Code, FieldError};
use serde::Serialize;
use utoipa::ToSchema;

impl Problem {
    /// The body as it is sent.
    #[must_use]
    pub fn body<'a>(&'a self, correlation_id: &'a str, instance: &'a str) -> ProblemBody<'a> {
        ProblemBody {
            type_: type_uri(self.code),
            title: self.code.meaning,
            status: status_of(self.code).as_u16(),
            detail: self.reason(),
            instance,
            code: self.code.name,
            correlation_id,
            errors: &self.more.errors,
            extension: self.more.extension.iter().cloned().collect(),
            error: OpenAiError::of(self, instance),
        }
    }

    /// The answer as it is sent.
    #[must_use]
    pub fn render(&self, correlation_id: &str, instance: &str) -> HttpResponse {
        let status = status_of(self.code);
        let body = self.body(correlation_id, instance);
        let mut answer = HttpResponse::build(status);
        answer.content_type(MEDIA_TYPE);
        if let Some(after) = self.more.retry_after {
            answer.insert_header((header::RETRY_AFTER, after.as_millis().div_ceil(1_000).max(1).to_string()));
        }
        if status == StatusCode::UNAUTHORIZED {
            answer.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
        }
        for header in &self.more.headers {
            answer.insert_header(header.clone());
        }
        // Every member is a string, a number or a value of `serde_json`: it always serialises.
        answer.body(serde_json::to_vec(&body).unwrap_or_default())
    }
}

/// The body of a problem, as it is documented.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody<'a> {
    /// Stable URI of the code.
    #[serde(rename = "type")]
    type_: String,
    /// The code's meaning.
    title: &'a str,
    /// The status of the answer.
    status: u16,
    /// What is wrong with this request.
    detail: &'a str,
    /// The path that was asked for.
    instance: &'a str,
    /// Stable code; `docs/errors.md` lists them.
    code: &'a str,
    /// Finds the request in our logs.
    correlation_id: &'a str,
    /// What is wrong, field by field.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    #[schema(value_type = Vec<FieldProblem>, required = false)]
    errors: &'a [FieldError],
    #[serde(flatten)]
    #[schema(ignore)]
    extension: std::collections::BTreeMap<&'static str, serde_json::Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(ignore)]
    error: Option<OpenAiError<'a>>,
}

/// One thing wrong with one field.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "describes the kernel's `FieldError`, which knows nothing of OpenAPI")]
pub struct FieldProblem {
    /// JSON Pointer into the body, or the name of a parameter.
    pointer: String,
    /// Stable code, such as `too_long`.
    code: String,
    /// A sentence for people.
    message: String,
}

/// The URI that a code's problems have as their type.
#[must_use]
pub fn type_uri(code: &Code) -> String {
    format!("{TYPE_BASE}{}", code.name)
}
