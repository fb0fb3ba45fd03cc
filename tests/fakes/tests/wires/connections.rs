//! What HTTP asks of a server, and what a test sees of it.

use crate::client::{Ask, Client, wires};
use fakes::{Answer, Fake, Turn};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

#[tokio::test]
async fn a_connection_is_kept_over_whole_answers_streams_and_refusals() {
    let fake = Fake::start().await;
    let mut client = Client::of(&fake).await;
    for wire in wires() {
        for ask in [&wire.whole, &wire.stream] {
            client.send(ask).await;
            assert_eq!(client.answer().await.unwrap().status, 200, "{}", wire.name);
        }
        client.send(&wire.whole.without("Authorization")).await;
        assert_eq!(client.answer().await.unwrap().status, 401, "{}", wire.name);
    }
}

#[tokio::test]
async fn a_request_may_come_while_another_is_answered() {
    let fake = Fake::start().await;
    let mut client = Client::of(&fake).await;
    fake.play(Turn::says(Answer { pace: Duration::from_millis(1), ..Answer::text("One.") }));
    fake.play(Turn::says(Answer::text("Two.")));
    let wire = wires().swap_remove(0);
    client.send(&wire.stream).await;
    client.send(&wire.whole).await;
    assert!(client.answer().await.unwrap().is_whole);
    assert!(client.answer().await.unwrap().body.contains("Two."));
    assert_eq!(fake.hang_ups(), 0);
}

#[tokio::test]
async fn a_connection_is_closed_when_asked_for() {
    let fake = Fake::start().await;
    for wire in wires() {
        for ask in [wire.whole, wire.stream] {
            let mut client = Client::of(&fake).await;
            client.send(&ask.with("Connection", "close")).await;
            let got = client.answer().await.unwrap();
            assert_eq!((got.is_whole, got.headers["connection"].as_str()), (true, "close"), "{}", wire.name);
            assert!(client.answer().await.is_none(), "{}", wire.name);
        }
    }
}

#[tokio::test]
async fn a_body_may_come_in_chunks_and_only_when_it_is_asked_for() {
    let fake = Fake::start().await;
    let mut client = Client::of(&fake).await;
    let ask = wires().swap_remove(0).whole;
    let head = format!(
        "POST {} HTTP/1.1\r\nauthorization: Bearer k\r\ntransfer-encoding: chunked\r\nexpect: 100-continue\r\n\r\n",
        ask.path
    );
    client.stream.write_all(head.as_bytes()).await.unwrap();
    assert_eq!(client.head().await.unwrap().0, 100);
    let (first, second) = ask.body.split_at(9);
    for part in [first, second] {
        let chunk = format!("{:X};a=b\r\n{part}\r\n", part.len());
        let (early, late) = chunk.split_at(3);
        client.stream.write_all(early.as_bytes()).await.unwrap();
        client.stream.write_all(late.as_bytes()).await.unwrap();
    }
    client.stream.write_all(b"0\r\nsome: trailer\r\n\r\n").await.unwrap();
    assert_eq!(client.answer().await.unwrap().status, 200);
    let body: Value = serde_json::from_str(&ask.body).unwrap();
    assert_eq!(fake.seen()[0].body, body);
    client.send(&ask).await;
    assert_eq!(client.answer().await.unwrap().status, 200, "the connection goes on");
}

#[tokio::test]
async fn what_is_no_http_ends_the_connection() {
    let fake = Fake::start().await;
    for nonsense in
        ["nonsense\r\n\r\n", "POST / HTTP/1.1\r\ncontent-length: many\r\n\r\n", "GET / HTTP/1.1\r\nx\r\n\r\n"]
    {
        let mut client = Client::of(&fake).await;
        client.stream.write_all(nonsense.as_bytes()).await.unwrap();
        assert_eq!(client.stream.read(&mut [0; 9]).await.unwrap_or(0), 0, "{nonsense}");
    }
    assert!(fake.seen().is_empty());
}

#[tokio::test]
async fn what_was_seen_is_told_until_it_is_cleared() {
    let fake = Fake::start().await;
    assert!(fake.url().starts_with("http://127.0.0.1:") && !fake.url().ends_with('/'));
    let ask = Ask::post("/v1/embeddings?a=b%20c", &json!({"a": 1})).with("X-Mixed-Case", "Kept As It Is");
    ask.of(&fake).await;
    fake.until_seen(1).await;
    let seen = fake.seen();
    assert_eq!((seen[0].method.as_str(), seen[0].path.as_str()), ("POST", "/v1/embeddings?a=b%20c"));
    assert_eq!(seen[0].headers["x-mixed-case"], "Kept As It Is");
    assert_eq!(seen[0].body, json!({"a": 1}));
    fake.clear();
    assert!(fake.seen().is_empty());
    let bodyless = Ask { method: "GET", body: String::new(), ..ask };
    assert_eq!(bodyless.of(&fake).await.status, 404);
    assert_eq!(fake.seen()[0].body, Value::Null);
}

#[tokio::test(start_paused = true)]
#[should_panic(expected = "there were not so many requests")]
async fn a_request_that_never_comes_fails_the_test() {
    Fake::start().await.until_seen(1).await;
}
