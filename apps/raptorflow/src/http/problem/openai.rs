//! The member by which `OpenAI`'s clients know an error: they read nothing else of a problem.

use super::{Problem, status_of};
use kernel::ErrorKind;
use serde::Serialize;

/// Where those clients call.
const BASE: &str = "/v1/";

/// `error` in the body of a problem.
#[derive(Debug, Serialize)]
pub(super) struct OpenAiError<'p> {
    message: String,
    #[serde(rename = "type")]
    kind: &'static str,
    /// Our code.
    code: &'p str,
    /// The first wrong field, as `messages[0].content`.
    param: Option<String>,
}

impl<'p> OpenAiError<'p> {
    /// The error of a request, when one of those clients made it.
    pub(super) fn of(problem: &'p Problem, instance: &str) -> Option<Self> {
        if !instance.starts_with(BASE) {
            return None;
        }
        let wrong = problem.more.errors.first();
        let param = wrong.map(|error| param_of(&error.pointer));
        let message = match (wrong, &param) {
            (Some(error), Some(param)) => format!("{} `{param}` {}.", problem.reason(), error.message),
            _ => problem.reason().to_owned(),
        };
        Some(Self { message, kind: kind_of(problem), code: problem.code.name, param })
    }
}

fn kind_of(problem: &Problem) -> &'static str {
    match (problem.code.kind, status_of(problem.code).as_u16()) {
        (ErrorKind::Internal | ErrorKind::Unavailable, _) => "server_error",
        (_, 401) => "authentication_error",
        (_, 402) => "insufficient_quota",
        (_, 403) => "permission_error",
        (_, 404) => "not_found_error",
        (_, 429) => "rate_limit_error",
        _ => "invalid_request_error",
    }
}

/// `/messages/0/content` is `messages[0].content`.
fn param_of(pointer: &str) -> String {
    let mut param = String::new();
    for step in pointer.split('/').filter(|step| !step.is_empty()) {
        match step.parse::<usize>() {
            Ok(place) => param.push_str(&format!("[{place}]")),
            Err(_) if param.is_empty() => param.push_str(step),
            Err(_) => param.push_str(&format!(".{step}")),
        }
    }
    param
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::{codes, problem::one_field};
    use kernel::code;

    fn said(problem: &Problem) -> serde_json::Value {
        serde_json::to_value(problem.body("corr-1234", "/v1/chat/completions")).unwrap()["error"].clone()
    }

    #[test]
    fn an_error_names_the_field_as_those_clients_do() {
        let errors = one_field("/messages/0/content", "required", "must not be empty");
        let error = said(&Problem::fields(&code::INVALID, errors));
        assert_eq!((&error["type"], &error["code"]), (&"invalid_request_error".into(), &"invalid".into()));
        assert_eq!(error["param"], "messages[0].content");
        let message = error["message"].as_str().unwrap();
        assert!(message.ends_with("`messages[0].content` must not be empty."), "{message}");
    }

    #[test]
    fn each_kind_has_its_type_and_other_routes_have_none() {
        for (code, kind) in [
            (&codes::UNAUTHENTICATED, "authentication_error"),
            (&code::FORBIDDEN, "permission_error"),
            (&code::NOT_FOUND, "not_found_error"),
            (&codes::REQUEST_TIMEOUT, "server_error"),
            (&codes::MALFORMED_JSON, "invalid_request_error"),
        ] {
            assert_eq!(said(&Problem::new(code))["type"], kind, "{}", code.name);
        }
        let other = Problem::new(&code::NOT_FOUND);
        let other = serde_json::to_value(other.body("corr-1234", "/api/v1/users")).unwrap();
        assert!(other.get("error").is_none(), "{other}");
    }
}
