//! A process that is told to end is gone within half a minute though a request, a job and the collector hang, and another
//! worker goes on with the job.

use super::{
    cut_off::{EMAIL, PASSWORD},
    metrics::shown,
    server::{Database, Server},
};
use diesel::{QueryableByName, sql_query, sql_types::BigInt};
use diesel_async::RunQueryDsl;
use serde_json::json;
use servers::until;
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::mpsc,
};

/// A mail server that wants to hear the whole mail and then says no more.
struct MailServer {
    url: String,
    heard: mpsc::UnboundedReceiver<()>,
}

impl MailServer {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("smtp://{}", listener.local_addr().unwrap());
        let (hear, heard) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                tokio::spawn(hear_out(socket, hear.clone()));
            }
        });
        Self { url, heard }
    }

    fn settings(&self) -> [(&str, &str); 2] {
        [("SMTP_URL", &self.url), ("MAIL_FROM", "flow@example.com")]
    }

    /// Has somebody sign up at `server`, and returns when their mail has come here.
    async fn takes_a_mail_of(&mut self, server: &Server, folder: &TempDir) {
        let account = json!({"email": EMAIL, "password": PASSWORD});
        server.client(folder.path()).post("/api/v1/auth/signup", &account).await.unwrap();
        self.heard.recv().await.unwrap();
    }
}

async fn hear_out(socket: TcpStream, hear: mpsc::UnboundedSender<()>) -> std::io::Result<()> {
    let mut stream = BufReader::new(socket);
    stream.write_all(b"220 mail.example\r\n").await?;
    let mut line = String::new();
    while line != "DATA\r\n" {
        line.clear();
        stream.read_line(&mut line).await?;
        let answer: &[u8] = if line.starts_with("DATA") { b"354 go on\r\n" } else { b"250 fine\r\n" };
        stream.write_all(answer).await?;
    }
    while line != ".\r\n" {
        line.clear();
        stream.read_line(&mut line).await?;
    }
    hear.send(()).unwrap();
    // It says no more as long as the other side is there.
    stream.read_line(&mut line).await.map(drop)
}

#[derive(QueryableByName)]
struct Waiting {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

#[tokio::test]
async fn a_worker_that_is_told_to_end_hands_back_what_hangs() {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::fresh(folder.path()).await;
    let mut mails = MailServer::start().await;
    let server = database.server().await;
    let mut worker = database.worker_that_tells_with(&mails.settings()).await;
    mails.takes_a_mail_of(&server, &folder).await;
    worker.terminate().await;
    let waiting = "select count(*) from jobs where kind = 'identity.send_mail' and state = 'queued'
        and attempts = 0 and worker is null and last_error is null";
    let waiting: Waiting = sql_query(waiting).get_result(&mut database.system().await).await.unwrap();
    assert_eq!(waiting.count, 1, "as it was before the worker took it");
    let _other = database.worker();
    until(async || folder.path().join("outbox").read_dir().is_ok_and(|mut mails| mails.next().is_some()))
        .await;
}

#[tokio::test]
async fn a_server_ends_though_a_request_a_job_and_the_collector_hang() {
    let folder = tempfile::tempdir().unwrap();
    let mut mails = MailServer::start().await;
    // Connections are taken by the system and nobody reads them.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let collector = format!("http://{}", silent.local_addr().unwrap());
    let [url, from] = mails.settings();
    let settings = [url, from, ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.as_str())];
    let mut server = Server::embedded_with(folder.path(), &settings).await;
    mails.takes_a_mail_of(&server, &folder).await;
    let mut half = TcpStream::connect(server.base.trim_start_matches("http://")).await.unwrap();
    let head = "POST /api/v1/auth/login HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n";
    half.write_all(format!("{head}content-length: 99\r\n\r\n{{").as_bytes()).await.unwrap();
    shown(&server, "raptorflow_http_requests_in_flight 2").await;
    server.terminate().await;
}
