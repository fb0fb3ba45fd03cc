//! How many streams may be open, and what opening many is good for.

use super::streams::{Socket, Sse, socket_of};
use crate::fixture::{Edges, Fixture, Home, expect_problem};
use raptorflow::http::live::StreamLimits;
use reqwest::{Method, Response};
use serde_json::json;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

fn with(streams: StreamLimits) -> Fixture {
    Fixture::met(Edges { streams, ..Edges::default() })
}

async fn open(fixture: &Fixture, home: &Home) -> Response {
    fixture.get(home, &format!("/api/v1/workspaces/{}/events/stream", home.workspace)).await
}

/// The value of a metric.
async fn metric(fixture: &Fixture, name: &str) -> Option<String> {
    let text = fixture.anonymous(Method::GET, "/metrics").send().await.unwrap().text().await.unwrap();
    text.lines().find_map(|line| line.strip_prefix(name)).map(|value| value.trim().to_owned())
}

/// How many streams somebody gets who opens one after the other.
async fn opened(limit: usize) -> usize {
    let fixture = with(StreamLimits { caller: limit, ..StreamLimits::default() });
    let home = fixture.home().await;
    let mut held = Vec::new();
    for _ in 0..30 {
        held.push(open(&fixture, &home).await);
    }
    held.iter().filter(|answer| answer.status() == 200).count()
}

#[actix_web::test]
async fn somebody_who_opens_one_stream_after_the_other_gets_as_many_as_the_limit_says() {
    assert_eq!((opened(30).await, opened(4).await), (30, 4));
}

#[actix_web::test]
async fn the_places_of_a_caller_count_over_both_protocols_and_are_free_when_a_client_leaves() {
    let fixture = with(StreamLimits { caller: 2, ..StreamLimits::default() });
    let (home, other) = (fixture.home().await, fixture.home().await);
    let _events = Sse::of_workspace(&fixture, &home, None).await;
    let socket = Socket::by(&fixture, &home, &socket_of(&home)).await;
    assert_eq!(metric(&fixture, r#"raptorflow_streams_open{protocol="sse"}"#).await.as_deref(), Some("1"));
    let websockets = r#"raptorflow_streams_open{protocol="websocket"}"#;
    assert_eq!(metric(&fixture, websockets).await.as_deref(), Some("1"));

    let refused = open(&fixture, &home).await;
    assert_eq!(refused.headers()["retry-after"], "10");
    expect_problem(refused, 429, "too_many_streams").await;
    let headers = [("authorization", &*format!("Bearer {}", home.token))];
    let refused = Socket::open(&fixture, &socket_of(&home), &headers).await.err().unwrap();
    assert_eq!((refused.0, &refused.1["code"]), (429, &json!("too_many_streams")));
    let shed = r#"raptorflow_shed_total{reason="streams_of_caller"}"#;
    assert_eq!(metric(&fixture, shed).await.as_deref(), Some("2"));
    assert_eq!(open(&fixture, &other).await.status(), 200, "others have their own");

    drop(socket);
    let left = async {
        while open(&fixture, &home).await.status() != 200 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), left).await.unwrap();
    assert_eq!(metric(&fixture, websockets).await.as_deref(), Some("0"));
}

#[actix_web::test]
async fn who_asks_for_the_head_of_a_stream_holds_no_place_and_no_connection() {
    let fixture = with(StreamLimits::default());
    let home = fixture.home().await;
    let mut connection = TcpStream::connect(fixture.address()).await.unwrap();
    let (stream, token) = (format!("/api/v1/workspaces/{}/events/stream", home.workspace), &home.token);
    let head = format!("HEAD {stream} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n\r\n");
    connection.write_all(head.as_bytes()).await.unwrap();
    connection.write_all(b"GET /version HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.unwrap();
    let mut answers = String::new();
    let all = connection.read_to_string(&mut answers);
    tokio::time::timeout(Duration::from_secs(10), all).await.expect("no end").unwrap();
    let heads: Vec<&str> = answers.lines().filter(|line| line.starts_with("HTTP/1.1 ")).collect();
    assert_eq!(heads, ["HTTP/1.1 200 OK"; 2], "{answers}");
    assert!(answers.contains("content-type: text/event-stream"), "{answers}");
    let open = metric(&fixture, r#"raptorflow_streams_open{protocol="sse"}"#).await;
    assert_eq!(open.as_deref(), Some("0"));
}

#[actix_web::test]
async fn a_full_process_refuses_whoever_has_places_left_and_a_refused_handshake_takes_none() {
    let fixture = with(StreamLimits { process: 1, ..StreamLimits::default() });
    let (home, other) = (fixture.home().await, fixture.home().await);
    let bad = fixture.call(&home, Method::GET, &socket_of(&home)).header("connection", "upgrade");
    let bad = bad.header("upgrade", "websocket").send().await.unwrap();
    expect_problem(bad, 426, "websocket_required").await;
    let stranger = format!("/api/v1/workspaces/{}/events/stream", home.workspace);
    expect_problem(fixture.get(&other, &stranger).await, 404, "not_found").await;

    let _held = Sse::of_workspace(&fixture, &home, None).await;
    let refused = open(&fixture, &other).await;
    assert!(refused.headers().contains_key("retry-after"));
    expect_problem(refused, 503, "overloaded").await;
    let shed = r#"raptorflow_shed_total{reason="streams"}"#;
    assert_eq!(metric(&fixture, shed).await.as_deref(), Some("1"));
    assert_eq!(fixture.get(&home, "/api/v1/agents").await.status(), 200, "requests are no streams");
}
