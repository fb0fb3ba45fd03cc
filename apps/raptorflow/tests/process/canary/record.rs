//! A client that keeps what it sends and what it is answered.

use super::search::searchable;
use reqwest::{Method, RequestBuilder};
use serde_json::Value;
use std::{cell::RefCell, time::Duration};

/// What was said, and where: `POST /api/v1/auth/login`, `outbox/…`, `log`.
pub(super) struct Said {
    pub(super) place: String,
    pub(super) text: String,
}

pub(super) struct Recorder {
    http: reqwest::Client,
    base: String,
    sent: RefCell<String>,
    answers: RefCell<Vec<Said>>,
}

/// Who calls, and with what beside the body.
pub(super) type Headers<'h> = &'h [(&'static str, &'h str)];

impl Recorder {
    pub(super) fn new(base: &str) -> Self {
        let patience = web::Patience { connect: Duration::from_secs(5), total: Duration::from_secs(60) };
        let (http, sent, answers) = (web::client(patience).unwrap(), RefCell::default(), RefCell::default());
        Self { http, base: base.to_owned(), sent, answers }
    }

    /// Sends a JSON body, or none for `null`; fails on another status. Answers the body.
    pub(super) async fn call(
        &self,
        (method, path): (Method, &str),
        headers: Headers<'_>,
        body: &Value,
        status: u16,
    ) -> Value {
        let text = if body.is_null() { String::new() } else { body.to_string() };
        let (got, answer) = self.send((method.clone(), path), headers, "application/json", text).await;
        assert_eq!(got, status, "{method} {path}: {answer}");
        serde_json::from_str(&answer).unwrap_or(Value::Null)
    }

    /// Sends any text. Answers the status and the text of the body.
    pub(super) async fn send(
        &self,
        (method, path): (Method, &str),
        headers: Headers<'_>,
        kind: &str,
        body: String,
    ) -> (u16, String) {
        self.sent.borrow_mut().push_str(&format!("{path}\n{headers:?}\n{body}\n"));
        let request = self.http.request(method.clone(), format!("{}{path}", self.base));
        let request = headers
            .iter()
            .fold(request, |request: RequestBuilder, (name, value)| request.header(*name, *value));
        let request = if body.is_empty() { request } else { request.header("content-type", kind).body(body) };
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        let mut text = String::new();
        for (name, value) in answer.headers() {
            text += &format!("{name}: {}\n", searchable(value.as_bytes()));
        }
        let body = searchable(&answer.bytes().await.unwrap());
        let text = format!("{status}\n{text}\n{body}");
        self.answers.borrow_mut().push(Said { place: format!("{method} {}", template(path)), text });
        (status, body)
    }

    /// All that was sent, and all answers.
    pub(super) fn finish(self) -> (String, Vec<Said>) {
        (self.sent.into_inner(), self.answers.into_inner())
    }
}

/// The path without what differs from run to run.
fn template(path: &str) -> String {
    let path = path.split('?').next().unwrap_or(path);
    let parts = path.split('/').map(|part| if part.len() > 24 { "{…}" } else { part });
    parts.collect::<Vec<_>>().join("/")
}
