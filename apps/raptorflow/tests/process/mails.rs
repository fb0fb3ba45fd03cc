//! A mail leaves the real binary for the server that the settings name.

use crate::server::Server;
use serde_json::json;
use std::{net::SocketAddr, sync::mpsc, time::Duration};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

/// An SMTP server that takes a login, without looking at it. Answers its address, and what it takes.
pub(crate) async fn mail_server() -> (SocketAddr, mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (taken, mails) = mpsc::channel();
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            tokio::spawn(take(socket, taken.clone()));
        }
    });
    (address, mails)
}

/// As much of an SMTP server as takes a login and one mail after the other.
async fn take(socket: TcpStream, taken: mpsc::Sender<String>) -> Option<()> {
    let mut stream = BufReader::new(socket);
    stream.write_all(b"220 mail.example\r\n").await.ok()?;
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await.ok().filter(|length| *length > 0)?;
        if line.starts_with("DATA") {
            stream.write_all(b"354 go on\r\n").await.ok()?;
            let mut mail = String::new();
            while !mail.ends_with("\r\n.\r\n") {
                stream.read_line(&mut mail).await.ok().filter(|length| *length > 0)?;
            }
            taken.send(mail).ok()?;
        }
        let answer: &[u8] = match line.split([' ', '\r']).next() {
            Some("EHLO") => b"250-mail.example\r\n250 AUTH PLAIN\r\n",
            Some("AUTH") => {
                taken.send(line).ok()?;
                b"235 come in\r\n"
            }
            _ => b"250 fine\r\n",
        };
        stream.write_all(answer).await.ok()?;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verification_mail_goes_to_the_smtp_server() {
    let (address, mails) = mail_server().await;
    let url = format!("smtp://{address}");
    let folder = tempfile::tempdir().unwrap();
    let settings = [("SMTP_URL", url.as_str()), ("MAIL_FROM", "RaptorFlow <flow@example.com>")];
    let server = Server::embedded_with(folder.path(), &settings).await;
    let client = server.client(folder.path());
    let account = json!({ "email": "ada@example.com", "password": "correct horse battery" });
    client.post("/api/v1/auth/signup", &account).await.unwrap();
    let mail = mails.recv_timeout(Duration::from_secs(30)).expect("a mail comes");
    assert!(mail.contains("To: ada@example.com\r\n"), "{mail}");
    assert!(mail.contains("\r\nhttp://raptorflow.test/api/v1/auth/verify-email?token="), "{mail}");
    assert!(!folder.path().join("outbox").exists(), "it is no file as well");
}
