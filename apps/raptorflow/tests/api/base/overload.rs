//! More requests than the server takes at once.

use super::probe::{ORIGIN, Probe, expect_problem, probe_taking};
use reqwest::Method;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const ROUTE: &str = "/api/v1/probe/route";

/// A server that takes one request at once, and has one that takes its time.
async fn busy() -> (Probe, tokio::task::JoinHandle<reqwest::Response>) {
    let probe = probe_taking(1).await;
    let hanging = probe.anonymous(Method::PATCH, "/api/v1/probe/fail/hang").send();
    let held = tokio::spawn(async { hanging.await.unwrap() });
    probe.begun.notified().await;
    (probe, held)
}

#[tokio::test]
async fn one_request_too_many_is_refused_at_once_and_passes_when_there_is_room() {
    let (probe, held) = busy().await;
    for path in [ROUTE, "/nowhere"] {
        let refused = probe.anonymous(Method::GET, path).header("origin", ORIGIN).send().await.unwrap();
        assert_eq!(refused.headers()["retry-after"], "2");
        assert_eq!(refused.headers()["access-control-allow-origin"], ORIGIN, "a page can read the problem");
        expect_problem(refused, 503, "overloaded").await;
    }
    for path in ["/health/live", "/health/ready", "/health", "/metrics"] {
        assert_eq!(probe.anonymous(Method::GET, path).send().await.unwrap().status(), 200, "{path}");
    }
    let metrics = probe.anonymous(Method::GET, "/metrics").send().await.unwrap().text().await.unwrap();
    assert!(metrics.contains(r#"raptorflow_shed_total{reason="requests"} 2"#), "{metrics}");
    expect_problem(held.await.unwrap(), 503, "request_timeout").await;
    assert_eq!(probe.anonymous(Method::GET, ROUTE).send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_client_that_hangs_up_gives_its_place_back() {
    let (probe, held) = busy().await;
    held.abort();
    let passes = async {
        while probe.anonymous(Method::GET, ROUTE).send().await.unwrap().status() != 200 {
            tokio::task::yield_now().await;
        }
    };
    // Before the server gives the request up by itself.
    tokio::time::timeout(Duration::from_secs(10), passes).await.unwrap();
}

#[tokio::test]
async fn the_refusal_does_not_wait_for_the_body() {
    let (probe, held) = busy().await;
    let mut stream = TcpStream::connect(probe.base.trim_start_matches("http://")).await.unwrap();
    let head = "POST /api/v1/probe/campaigns HTTP/1.1\r\nhost: x\r\nauthorization: Bearer user-1\r\n\
                content-type: application/json\r\ncontent-length: 5000\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = [0; 12];
    tokio::time::timeout(Duration::from_secs(10), stream.read_exact(&mut answer)).await.unwrap().unwrap();
    assert_eq!(&answer, b"HTTP/1.1 503");
    assert!(!held.is_finished(), "the other one is still there");
}
