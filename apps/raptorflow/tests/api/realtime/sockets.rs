//! Who may open a WebSocket, and what becomes of it.

use super::streams::{Socket, socket_of, tell_one, types};
use crate::fixture::{Edges, Fixture, Home, expect_problem};
use futures_util::StreamExt;
use raptorflow::http::live::StreamLimits;
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio_tungstenite::MaybeTlsStream;
use tokio_tungstenite::tungstenite::Message;

const PAGE: &str = "https://app.example";

fn with_origins(origins: &[&str]) -> Fixture {
    let origins = origins.iter().map(ToString::to_string).collect();
    Fixture::met(Edges { origins, ..Edges::default() })
}

/// With heartbeats that a test can wait for.
pub(super) fn restless() -> Fixture {
    let streams = StreamLimits { silence: Duration::from_millis(100), ..StreamLimits::default() };
    Fixture::met(Edges { streams, ..Edges::default() })
}

/// What a page in a browser can do: the browser says where the page is from, and the page chooses the protocols.
async fn from_page(
    fixture: &Fixture,
    home: &Home,
    origin: &str,
    token: &str,
) -> Result<Socket, (u16, Value)> {
    let headers = [("origin", origin), ("sec-websocket-protocol", &*format!("bearer, {token}"))];
    Socket::open(fixture, &socket_of(home), &headers).await
}

#[actix_web::test]
async fn a_page_of_a_configured_origin_gets_in_by_the_token_among_the_protocols() {
    let fixture = with_origins(&[PAGE]);
    let home = fixture.home().await;
    let mut socket = from_page(&fixture, &home, PAGE, &home.token).await.unwrap();
    tell_one(&fixture, &home, "thing.happened").await;
    assert_eq!(types(&socket.take(1).await), ["thing.happened"]);
    for (token, status) in [("nonsense", 401), ("", 401)] {
        let refused = from_page(&fixture, &home, PAGE, token).await.err().unwrap();
        assert_eq!((refused.0, &refused.1["code"]), (status, &json!("unauthenticated")), "{token:?}");
    }
}

#[actix_web::test]
async fn a_page_from_elsewhere_is_refused_though_it_has_a_good_token() {
    let careless = with_origins(&["*"]);
    let home = careless.home().await;
    let hijacked = from_page(&careless, &home, "https://evil.example", &home.token).await;
    assert!(hijacked.is_ok(), "this is what the check keeps out");

    let fixture = with_origins(&[PAGE]);
    let home = fixture.home().await;
    for origin in ["https://evil.example", "null", "http://app.example", "https://app.example.evil.example"] {
        for token in [home.token.as_str(), "nonsense"] {
            let refused = from_page(&fixture, &home, origin, token).await.err().unwrap();
            assert_eq!((refused.0, &refused.1["code"]), (400, &json!("origin_not_allowed")), "{origin}");
        }
    }
}

#[actix_web::test]
async fn a_token_in_the_query_lets_nobody_in() {
    let fixture = Fixture::start();
    let home = fixture.home().await;
    for name in ["access_token", "token", "authorization"] {
        let path = format!("{}?{name}={}", socket_of(&home), home.token);
        assert_eq!(Socket::open(&fixture, &path, &[]).await.err().unwrap().0, 401, "{name}");
    }
}

#[actix_web::test]
async fn a_request_that_is_no_handshake_is_told_so() {
    let fixture = Fixture::start();
    let home = fixture.home().await;
    let path = socket_of(&home);
    let plain = fixture.get(&home, &path).await;
    assert_eq!(plain.headers()["upgrade"], "websocket");
    expect_problem(plain, 426, "websocket_required").await;
    let old = fixture.call(&home, Method::GET, &path).header("connection", "upgrade");
    let old = old.header("upgrade", "websocket").header("sec-websocket-version", "8");
    let old = expect_problem(old.send().await.unwrap(), 426, "websocket_required").await;
    assert!(old["detail"].as_str().unwrap().contains("version"), "{old}");
    let posted = fixture.post(&home, &path, &json!({})).await;
    assert_eq!(posted.headers()["allow"], "GET");
    expect_problem(posted, 405, "method_not_allowed").await;
}

#[actix_web::test]
async fn whoever_sends_something_or_closes_is_closed() {
    let fixture = Fixture::start();
    let home = fixture.home().await;
    for (message, code) in [
        (Message::text("hello"), 1003),
        (Message::binary(vec![1, 2, 3]), 1003),
        (Message::text("x".repeat(2000)), 1009),
        (Message::Close(None), 1000),
    ] {
        let socket = Socket::by(&fixture, &home, &socket_of(&home)).await;
        assert_eq!(socket.closed_upon(message).await, code);
    }
}

#[actix_web::test]
async fn a_client_that_answers_heartbeats_stays_and_one_that_does_not_is_dropped() {
    let fixture = restless();
    let home = fixture.home().await;
    let mut alive = Socket::by(&fixture, &home, &socket_of(&home)).await;
    // Answers are the library's affair as long as it is read from; below it, nobody answers.
    let dead = Socket::by(&fixture, &home, &socket_of(&home)).await;
    let MaybeTlsStream::Plain(mut dead) = dead.0.into_inner() else { panic!("there is no TLS") };
    let mut pings = 0;
    let (mut frames, mut ended) = (Vec::new(), false);
    while pings < 6 || !ended {
        tokio::select! {
            message = alive.0.next() => {
                assert!(matches!(message.unwrap().unwrap(), Message::Ping(_)));
                pings += 1;
            }
            read = dead.read_buf(&mut frames), if !ended => ended = read.unwrap() == 0,
        }
    }
    assert_eq!(frames, [0x89, 0x00], "one ping, then the end");
    tell_one(&fixture, &home, "thing.happened").await;
    assert_eq!(types(&alive.take(1).await), ["thing.happened"]);
}
