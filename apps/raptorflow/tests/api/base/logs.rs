//! What is logged of a request: one line, and one more with the cause when something failed inside.

use super::probe::{probe, workspace};
use reqwest::Method;
use serde_json::Value;
use std::io::{Result, Write};
use std::sync::{Mutex, Once, PoisonError};
use tracing_subscriber::fmt::MakeWriter;

static LINES: Mutex<Vec<u8>> = Mutex::new(Vec::new());

#[derive(Clone, Copy)]
struct Memory;

impl Write for Memory {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        LINES.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
    }

    fn flush(&mut self) -> Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Memory {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        *self
    }
}

/// Logs of this process into memory from now on.
fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let lines = tracing_subscriber::fmt().json().flatten_event(true).with_writer(Memory);
        tracing::subscriber::set_global_default(lines.finish()).unwrap();
    });
}

/// The lines that name this correlation id.
fn lines_of(correlation_id: &str) -> Vec<Value> {
    let lines = LINES.lock().unwrap_or_else(PoisonError::into_inner);
    let text = String::from_utf8_lossy(&lines);
    let lines = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    lines.filter(|line| line["correlation_id"] == correlation_id).collect()
}

#[actix_web::test]
async fn a_request_is_one_line_with_who_where_what_and_how_long() {
    listen();
    let probe = probe().await;
    let path = "/api/v1/probe/campaigns/00000000-0000-0000-0000-000000000007?workspace_id=";
    let request = probe.call(Method::GET, &format!("{path}{}", workspace(11)));
    request.header("x-correlation-id", "logged-success").send().await.unwrap();
    let lines = lines_of("logged-success");
    let [line] = lines.as_slice() else { panic!("{lines:?}") };
    assert_eq!(line["level"], "INFO");
    assert_eq!(line["message"], "GET /api/v1/probe/campaigns/{campaign_id} answered 200");
    assert_eq!((&line["http.method"], &line["http.status"]), (&"GET".into(), &200.into()));
    assert_eq!(line["http.route"], "/api/v1/probe/campaigns/{campaign_id}");
    assert_eq!(line["workspace.id"], workspace(11).to_string());
    assert_eq!(line["user.id"], "00000000-0000-0000-0000-000000000001");
    assert!(line["duration_ms"].as_f64().unwrap() >= 0.0);
}

#[actix_web::test]
async fn the_cause_of_a_failure_is_logged_once_and_a_refusal_has_none() {
    listen();
    let probe = probe().await;
    let send = |path: &'static str, id: &'static str| {
        probe.anonymous(Method::PATCH, path).header("x-correlation-id", id).send()
    };
    send("/api/v1/probe/fail/store", "logged-failure").await.unwrap();
    let lines = lines_of("logged-failure");
    let causes: Vec<_> = lines.iter().filter(|line| line["level"] == "ERROR").collect();
    assert_eq!((lines.len(), causes.len()), (2, 1), "{lines:?}");
    assert_eq!(causes[0]["error.cause"], "the database refused: SELECT hunter2 FROM users");
    assert_eq!(causes[0]["error.code"], "internal");
    send("/nowhere", "logged-refusal").await.unwrap();
    let lines = lines_of("logged-refusal");
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert_eq!(
        (&lines[0]["error.code"], &lines[0]["http.route"]),
        (&"not_found".into(), &"(no route)".into())
    );
}

#[actix_web::test]
async fn a_clients_words_can_not_forge_a_line() {
    listen();
    let probe = probe().await;
    let request = probe.anonymous(Method::GET, "/nowhere/%0a%7b%22forged%22:true%7d");
    request.header("x-correlation-id", "logged-forgery").send().await.unwrap();
    assert_eq!(lines_of("logged-forgery").len(), 1);
    let lines = LINES.lock().unwrap_or_else(PoisonError::into_inner);
    assert!(!String::from_utf8_lossy(&lines).contains("forged"), "paths are logged by their template");
}
