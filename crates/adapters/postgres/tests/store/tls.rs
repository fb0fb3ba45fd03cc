//! What goes over the wire before a server is trusted, seen by a server that is none: it speaks as much of PostgreSQL
//! as comes before the password.

use kernel::{JobQueue, JobState, StoreError, SystemScope};
use servers::{Acceptor, Authority};
use std::{env, process::Command, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

const ENCRYPTING: [&str; 3] = ["require", "verify-ca", "verify-full"];
/// The length and the code of the message by which a client asks for TLS.
const TLS_REQUEST: [u8; 8] = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];
const HOST: &str = "db.example";

/// What the server saw of a client.
#[derive(Debug, PartialEq)]
enum Seen {
    /// The startup packet in plain words.
    Plain(String),
    /// The startup packet after a handshake.
    Encrypted(String),
    /// The client broke the handshake off.
    HandshakeRefused,
    /// The client asked for TLS, was told that there is none, and left without another byte.
    Left,
}

/// A server for one client, that closes where PostgreSQL would ask for the password.
struct Server {
    port: u16,
    seen: JoinHandle<Seen>,
}

impl Server {
    async fn start(acceptor: Option<Acceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = tokio::spawn(async move { serve(listener.accept().await.unwrap().0, acceptor).await });
        Self { port, seen }
    }

    /// Connects to it as [`HOST`], and answers what the client was told and what the server saw.
    async fn meet(self, parameters: &str) -> (String, Seen) {
        let url = self.url(parameters);
        let told = match postgres::pending(&url).await.unwrap_err() {
            StoreError::Unavailable(told) => told,
            other => panic!("{other}"),
        };
        assert!(!told.contains("hunter2"), "{told}");
        (told, self.seen().await)
    }

    fn url(&self, parameters: &str) -> String {
        format!("postgres://ada:hunter2@{HOST}:{}/books?hostaddr=127.0.0.1{parameters}", self.port)
    }

    async fn seen(self) -> Seen {
        let seen = tokio::time::timeout(Duration::from_secs(10), self.seen).await;
        seen.expect("the client came").unwrap()
    }
}

async fn serve(mut socket: TcpStream, acceptor: Option<Acceptor>) -> Seen {
    let mut head = [0; 8];
    socket.read_exact(&mut head).await.unwrap();
    if head != TLS_REQUEST {
        return Seen::Plain(startup(head, &mut socket).await);
    }
    let Some(acceptor) = acceptor else {
        socket.write_all(b"N").await.unwrap();
        let mut more = [0; 256];
        let length = socket.read(&mut more).await.unwrap();
        let more = String::from_utf8_lossy(&more[..length]);
        return if more.is_empty() { Seen::Left } else { Seen::Plain(more.into()) };
    };
    socket.write_all(b"S").await.unwrap();
    let Ok(mut stream) = acceptor.accept(socket).await else { return Seen::HandshakeRefused };
    let mut head = [0; 8];
    stream.read_exact(&mut head).await.unwrap();
    Seen::Encrypted(startup(head, &mut stream).await)
}

/// The names and values of a startup packet, whose length and version have been read.
async fn startup(head: [u8; 8], from: &mut (impl AsyncRead + Unpin)) -> String {
    assert_eq!(head[4..], [0, 3, 0, 0], "protocol 3.0");
    let length = u32::from_be_bytes([head[0], head[1], head[2], head[3]]);
    let mut rest = vec![0; length as usize - 8];
    from.read_exact(&mut rest).await.unwrap();
    String::from_utf8(rest).unwrap()
}

fn is_startup(text: &str) -> bool {
    text.contains("user\0ada\0") && text.contains("database\0books\0")
}

#[tokio::test]
async fn a_server_with_a_trusted_certificate_is_talked_to_in_secret() {
    let authority = Authority::new("ours");
    for mode in ENCRYPTING {
        let server = Server::start(Some(authority.acceptor(HOST))).await;
        let parameters = format!("&sslmode={mode}&sslrootcert={}", authority.file().display());
        let (told, seen) = server.meet(&parameters).await;
        assert!(matches!(&seen, Seen::Encrypted(text) if is_startup(text)), "{mode}: {seen:?}, {told}");
    }
}

#[tokio::test]
async fn a_certificate_by_somebody_else_ends_the_connection_before_anything_is_said() {
    let (authority, other) = (Authority::new("ours"), Authority::new("theirs"));
    for mode in ENCRYPTING {
        let server = Server::start(Some(other.acceptor(HOST))).await;
        let parameters = format!("&sslmode={mode}&sslrootcert={}", authority.file().display());
        let (told, seen) = server.meet(&parameters).await;
        assert_eq!(seen, Seen::HandshakeRefused, "{mode}");
        assert!(told.contains("UnknownIssuer"), "{mode}: {told}");
    }
}

#[tokio::test]
async fn a_certificate_for_another_host_ends_the_connection_before_anything_is_said() {
    let authority = Authority::new("ours");
    for mode in ENCRYPTING {
        let server = Server::start(Some(authority.acceptor("other.example"))).await;
        let parameters = format!("&sslmode={mode}&sslrootcert={}", authority.file().display());
        let (told, seen) = server.meet(&parameters).await;
        assert_eq!(seen, Seen::HandshakeRefused, "{mode}");
        assert!(told.contains("not valid for name"), "{mode}: {told}");
    }
}

#[tokio::test]
async fn a_server_without_tls_is_left_rather_than_talked_to_in_plain() {
    let authority = Authority::new("ours");
    for mode in ENCRYPTING {
        let server = Server::start(None).await;
        let parameters = format!("&sslmode={mode}&sslrootcert={}", authority.file().display());
        let (told, seen) = server.meet(&parameters).await;
        assert_eq!(seen, Seen::Left, "{mode}");
        assert!(told.contains("does not support TLS"), "{mode}: {told}");
    }
}

#[tokio::test]
async fn without_a_mode_that_encrypts_the_connection_is_plain() {
    for parameters in ["", "&sslmode=disable", "&sslmode=allow", "&sslmode=prefer"] {
        let (told, seen) = Server::start(None).await.meet(parameters).await;
        assert!(matches!(&seen, Seen::Plain(text) if is_startup(text)), "{parameters}: {seen:?}, {told}");
    }
}

/// The environment says which roots are the system's, and a process can't change its own: this test runs itself.
#[tokio::test]
#[expect(
    clippy::disallowed_methods,
    reason = "the second process of this test is told by the environment what it is"
)]
async fn the_systems_roots_need_not_be_named() {
    const URL: &str = "TLS_TEST_URL";
    if let Ok(url) = env::var(URL) {
        postgres::pending(&url).await.unwrap_err();
        return;
    }
    let authority = Authority::new("ours");
    let server = Server::start(Some(authority.acceptor(HOST))).await;
    let mut itself = Command::new(env::current_exe().unwrap());
    itself
        .args(["--exact", "tls::the_systems_roots_need_not_be_named"])
        .env(URL, server.url("&sslmode=verify-full"))
        .env("SSL_CERT_FILE", authority.file());
    let ran = tokio::task::spawn_blocking(move || itself.output()).await.unwrap().unwrap();
    assert!(ran.status.success(), "{ran:?}");
    let seen = server.seen().await;
    assert!(matches!(&seen, Seen::Encrypted(text) if is_startup(text)), "{seen:?}");
}

#[tokio::test]
async fn the_pool_encrypts_as_well() {
    let authority = Authority::new("ours");
    let server = Server::start(Some(authority.acceptor(HOST))).await;
    let url = server.url(&format!("&sslmode=verify-full&sslrootcert={}", authority.file().display()));
    let options = postgres::Options {
        app_url: url.clone(),
        system_url: url,
        pool_size: 1,
        wait: Duration::from_secs(5),
        assume_roles: false,
    };
    let store = postgres::open(&options);
    let told = store.count(&SystemScope::for_worker(), JobState::Queued).await.unwrap_err();
    assert!(matches!(told, StoreError::Unavailable(_)), "{told}");
    let seen = server.seen().await;
    assert!(matches!(&seen, Seen::Encrypted(text) if is_startup(text)), "{seen:?}");
}

#[tokio::test]
async fn an_unknown_mode_is_named_and_no_server_is_asked() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let url = format!("postgres://ada:hunter2@127.0.0.1:{port}/books?sslmode=verify_full");
    let told = postgres::role_faults(&url).await.unwrap_err().to_string();
    assert!(told.contains("sslmode") && !told.contains("hunter2"), "{told}");
    let came = tokio::time::timeout(Duration::from_millis(100), listener.accept()).await;
    assert!(came.is_err(), "nobody came");
}
