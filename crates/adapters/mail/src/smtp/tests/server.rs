//! An SMTP server that does as it is told: answers, refuses, says nothing, hangs up.

use crate::smtp::server::{Protection, SmtpServer};
use lettre::transport::smtp::client::Certificate;
use servers::{Acceptor, Authority};
use std::sync::{Arc, Mutex};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpListener,
};

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// What the server does when it is its turn.
#[derive(Clone, Copy)]
pub(super) enum Turn {
    /// What a server does.
    Usual,
    /// Answers this.
    Says(&'static str),
    /// Closes the connection.
    HangsUp,
    /// Keeps the connection and says nothing any more.
    IsSilent,
}

/// What the server does at a step of the n-th connection. Steps are the first words of commands, `HELLO` for the
/// greeting and `.` for the end of a message.
pub(super) type Play = fn(usize, &str) -> Turn;

/// What the server can do.
#[derive(Clone)]
pub(super) struct Skills {
    pub(super) extensions: &'static [&'static str],
    pub(super) tls: Option<Acceptor>,
    /// TLS begins with the connection and not by `STARTTLS`.
    pub(super) implicit: bool,
}

pub(super) const PLAIN: Skills =
    Skills { extensions: &["8BITMIME", "AUTH PLAIN LOGIN"], tls: None, implicit: false };

/// What was seen of the client.
#[derive(Default, Clone)]
pub(super) struct Seen {
    pub(super) connections: usize,
    /// Commands in their order; behind `STARTTLS` they came encrypted.
    pub(super) commands: Vec<String>,
    pub(super) messages: Vec<String>,
}

pub(super) struct Server {
    port: u16,
    seen: Arc<Mutex<Seen>>,
}

impl Server {
    pub(super) async fn start(skills: Skills, play: Play) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::new(Mutex::new(Seen::default()));
        let shared = seen.clone();
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let number = {
                    let mut seen = shared.lock().unwrap();
                    seen.connections += 1;
                    seen.connections
                };
                let talk = Talk { number, play, skills: skills.clone(), seen: shared.clone() };
                tokio::spawn(talk.hold(Box::new(socket)));
            }
        });
        Self { port, seen }
    }

    pub(super) fn seen(&self) -> Seen {
        self.seen.lock().unwrap().clone()
    }

    /// How this server is reached, by ada with her password.
    pub(super) fn reached(&self, protection: Protection) -> SmtpServer {
        let url = format!("smtp://ada:hunter2@localhost:{}", self.port);
        SmtpServer { protection, ..SmtpServer::parse(&url, false).unwrap() }
    }
}

struct Talk {
    number: usize,
    play: Play,
    skills: Skills,
    seen: Arc<Mutex<Seen>>,
}

impl Talk {
    /// Ends with `None` when either side hangs up.
    async fn hold(self, mut stream: Box<dyn Stream>) -> Option<()> {
        if let Some(tls) = self.skills.tls.clone().filter(|_| self.skills.implicit) {
            stream = Box::new(tls.accept(stream).await.ok()?);
        }
        self.answer(&mut stream, "HELLO", "220 mail.example ESMTP").await?;
        loop {
            let command = line(&mut stream).await?;
            self.seen.lock().unwrap().commands.push(command.clone());
            let word = command.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
            match word.as_str() {
                "EHLO" => self.answer(&mut stream, "EHLO", &self.hello()).await?,
                "STARTTLS" => {
                    self.answer(&mut stream, "STARTTLS", "220 go ahead").await?;
                    stream = Box::new(self.skills.tls.clone()?.accept(stream).await.ok()?);
                }
                "AUTH" => self.answer(&mut stream, "AUTH", "235 2.7.0 welcome").await?,
                "DATA" => {
                    self.answer(&mut stream, "DATA", "354 go on").await?;
                    self.message(&mut stream).await?;
                }
                other => self.answer(&mut stream, other, "250 2.0.0 fine").await?,
            }
        }
    }

    fn hello(&self) -> String {
        let lines = self.skills.extensions.iter().map(|extension| format!("250-{extension}\r\n"));
        format!("250-mail.example\r\n{}250 HELP", lines.collect::<String>())
    }

    /// A refused `DATA` is followed by no message, but then the client leaves anyway.
    async fn message(&self, stream: &mut Box<dyn Stream>) -> Option<()> {
        let mut message = String::new();
        loop {
            let line = line(stream).await?;
            if line == "." {
                break;
            }
            message.push_str(line.strip_prefix('.').unwrap_or(&line));
            message.push_str("\r\n");
        }
        self.seen.lock().unwrap().messages.push(message);
        self.answer(stream, ".", "250 2.0.0 taken").await
    }

    async fn answer(&self, stream: &mut Box<dyn Stream>, step: &str, usual: &str) -> Option<()> {
        let text = match (self.play)(self.number, step) {
            Turn::Usual => usual,
            Turn::Says(text) => text,
            Turn::HangsUp => return None,
            Turn::IsSilent => {
                // Until the client leaves.
                while stream.read_u8().await.is_ok() {}
                return None;
            }
        };
        stream.write_all(format!("{text}\r\n").as_bytes()).await.ok()?;
        stream.flush().await.ok()
    }
}

async fn line(stream: &mut Box<dyn Stream>) -> Option<String> {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"\r\n") {
        bytes.push(stream.read_u8().await.ok()?);
    }
    bytes.truncate(bytes.len() - 2);
    Some(String::from_utf8(bytes).unwrap())
}

/// What trusts certificates of this authority.
pub(super) fn root(of: &Authority) -> Certificate {
    Certificate::from_pem(&std::fs::read(of.file()).unwrap()).unwrap()
}

/// The skills of a server that has a certificate of this authority for this host.
pub(super) fn certified(by: &Authority, host: &str, implicit: bool) -> Skills {
    let extensions: &[&str] =
        if implicit { PLAIN.extensions } else { &["8BITMIME", "AUTH PLAIN LOGIN", "STARTTLS"] };
    Skills { extensions, tls: Some(by.acceptor(host)), implicit }
}
