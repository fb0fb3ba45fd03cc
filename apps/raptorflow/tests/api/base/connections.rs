//! More connections than the server takes at once.

use crate::fixture::{Edges, Fixture};
use raptorflow::server::Bounds;
use std::io::ErrorKind;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

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

/// With room for two connections on one thread.
fn with_two(bounds: Bounds) -> Fixture {
    Fixture::met(Edges { bounds: Bounds { threads: 1, connections: 2, ..bounds }, ..Edges::default() })
}

#[actix_web::test]
async fn one_connection_too_many_waits_until_another_one_closes() {
    let fixture = with_two(Bounds::default());
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

/// Asks for more than the system buffers, and takes next to nothing of it.
async fn taking_nothing(fixture: &Fixture) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(1).unwrap(); // the system makes it its least
    let mut connection = socket.connect(fixture.address().parse().unwrap()).await.unwrap();
    let megabyte = "GET /docs/swagger-ui-bundle.js HTTP/1.1\r\nhost: x\r\n\r\n";
    connection.write_all(megabyte.repeat(10).as_bytes()).await.unwrap();
    connection.readable().await.unwrap();
    connection
}

#[cfg(target_os = "linux")]
#[actix_web::test]
async fn who_takes_nothing_of_an_answer_does_not_keep_others_out_for_ever() {
    let fixture = with_two(Bounds { untaken: Duration::from_secs(1), ..Bounds::default() });
    let _takers = (taking_nothing(&fixture).await, taking_nothing(&fixture).await);
    let mut third = Kept::open(&fixture).await;
    third.ask().await;
    third.is_answered().await;
}
