//! More connections than the server takes at once.

use crate::fixture::{Edges, Fixture};
use std::io::ErrorKind;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A connection that is kept open.
struct Kept(TcpStream);

impl Kept {
    async fn open(fixture: &Fixture) -> Self {
        Self(TcpStream::connect(fixture.address()).await.unwrap())
    }

    /// Asks for something that has no body.
    async fn ask(&mut self) {
        self.0.write_all(b"HEAD /health/live HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    }

    async fn is_answered(&mut self) {
        let mut answer = Vec::new();
        let whole = async {
            while !answer.ends_with(b"\r\n\r\n") {
                assert_ne!(self.0.read_buf(&mut answer).await.unwrap(), 0, "the connection was closed");
            }
        };
        tokio::time::timeout(Duration::from_secs(10), whole).await.expect("no answer");
        assert!(answer.starts_with(b"HTTP/1.1 200 "), "{}", String::from_utf8_lossy(&answer));
    }
}

#[actix_web::test]
async fn one_connection_too_many_waits_until_another_one_closes() {
    let fixture = Fixture::met(Edges { connections: Some(2), ..Edges::default() });
    let (mut first, mut second) = (Kept::open(&fixture).await, Kept::open(&fixture).await);
    for connection in [&mut first, &mut second] {
        connection.ask().await;
        connection.is_answered().await;
    }
    let mut third = Kept::open(&fixture).await;
    third.ask().await;
    // Meanwhile the server has time for it.
    for _ in 0..100 {
        first.ask().await;
        first.is_answered().await;
    }
    let silence = third.0.try_read(&mut [0]).unwrap_err();
    assert_eq!(silence.kind(), ErrorKind::WouldBlock);
    drop(second);
    third.is_answered().await;
    first.ask().await;
    first.is_answered().await;
}
