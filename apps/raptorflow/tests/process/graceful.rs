//! A process that is told to end is gone within half a minute, whatever hangs, and what it had begun goes on elsewhere.

use super::{
    cut_off::{EMAIL, PASSWORD},
    server::{Database, Server},
};
use diesel::{QueryableByName, sql_query, sql_types::Text};
use diesel_async::RunQueryDsl;
use serde_json::json;
use servers::until;
use std::net::SocketAddr;
use tokio::{
    io::AsyncWriteExt,
    net::{TcpListener, TcpStream},
    sync::mpsc,
};

/// A mail server that takes connections and never says a word. Answers its address, and tells of each connection.
async fn silent_mail_server() -> (SocketAddr, mpsc::UnboundedReceiver<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (tell, told) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        let mut open = Vec::new();
        while let Ok((socket, _)) = listener.accept().await {
            open.push(socket);
            tell.send(()).unwrap();
        }
    });
    (address, told)
}

#[derive(QueryableByName)]
struct State {
    #[diesel(sql_type = Text)]
    state: String,
}

#[tokio::test]
async fn a_worker_that_is_told_to_end_keeps_nothing_in_its_hands() {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::fresh(folder.path()).await;
    let server = database.server().await;
    let (silent, mut begun) = silent_mail_server().await;
    let url = format!("smtp://{silent}");
    let settings = [("SMTP_URL", url.as_str()), ("MAIL_FROM", "flow@example.com")];
    let mut worker = database.worker_that_tells_with(&settings).await;
    let account = json!({"email": EMAIL, "password": PASSWORD});
    server.client(folder.path()).post("/api/v1/auth/signup", &account).await.unwrap();
    begun.recv().await.unwrap();
    worker.terminate().await;
    let states = "select state from jobs where kind = 'identity.send_mail'";
    let states: Vec<State> = sql_query(states).get_results(&mut database.system().await).await.unwrap();
    assert_eq!(states.iter().map(|job| &*job.state).collect::<Vec<_>>(), ["queued"], "nobody holds it");
    let _other = database.worker();
    until(async || folder.path().join("outbox").read_dir().is_ok_and(|mut mails| mails.next().is_some()))
        .await;
}

#[tokio::test]
async fn a_request_and_a_job_that_hang_hold_up_the_end_of_a_server_together() {
    let folder = tempfile::tempdir().unwrap();
    let (silent, mut begun) = silent_mail_server().await;
    let url = format!("smtp://{silent}");
    let settings = [("SMTP_URL", url.as_str()), ("MAIL_FROM", "flow@example.com")];
    let mut server = Server::embedded_with(folder.path(), &settings).await;
    let account = json!({"email": EMAIL, "password": PASSWORD});
    server.client(folder.path()).post("/api/v1/auth/signup", &account).await.unwrap();
    begun.recv().await.unwrap();
    let mut half = TcpStream::connect(server.base.trim_start_matches("http://")).await.unwrap();
    let head = "POST /api/v1/auth/login HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n";
    half.write_all(format!("{head}content-length: 99\r\n\r\n{{").as_bytes()).await.unwrap();
    server.terminate().await;
}
