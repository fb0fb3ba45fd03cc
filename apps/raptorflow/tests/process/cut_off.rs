//! Requests whose clients go away in the middle: whatever was half done leaves nothing behind.

use super::server::Server;
use raptorflow::commands::demo::client::Client;
use serde_json::{Value, json};
use std::{path::Path, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
};

/// Few connections, so that one that does not come back is missed at once; and no limit that the test would meet.
pub(crate) const SETTINGS: [(&str, &str); 2] =
    [("DATABASE_POOL_SIZE", "2"), ("RATE_LIMIT_PER_MINUTE", "1000000")];

const REQUESTS: u32 = 2_000;
const AT_ONCE: u32 = 40;
pub(crate) const EMAIL: &str = "ada@example.com";
pub(crate) const PASSWORD: &str = "correct horse battery";

/// Cuts 2,000 requests off, half of which write, then looks whether the server is as well as before.
pub(crate) async fn leaves_nothing_behind(server: &Server, folder: &Path) {
    let mut client = server.client(folder);
    client.join(EMAIL, PASSWORD).await.unwrap();
    let workspace = client.post("/api/v1/workspaces", &json!({"name": "Nib"})).await.unwrap();
    let path = format!("/api/v1/workspaces/{}", workspace["id"].as_str().unwrap());
    let token = access_token(server).await;
    for first in (0..REQUESTS).step_by(AT_ONCE as usize) {
        let mut batch = JoinSet::new();
        for n in first..first + AT_ONCE {
            batch.spawn(cut_off(server.base.clone(), request(&path, &token, n), n));
        }
        while let Some(cut) = batch.join_next().await {
            cut.unwrap();
        }
    }
    is_well(&client, &path).await;
}

/// Every second one changes the name.
fn request(path: &str, token: &str, n: u32) -> String {
    let head = format!("HTTP/1.1\r\nHost: raptorflow.test\r\nAuthorization: Bearer {token}\r\n");
    if n.is_multiple_of(2) {
        return format!("GET {path} {head}\r\n");
    }
    let body = json!({ "name": format!("Nib {n}") }).to_string();
    let length = body.len();
    format!("PUT {path} {head}Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}")
}

/// Sends the request and goes away a little later each time: before anything was read of it, in its middle, at its end.
/// (Measured: a third to two thirds of the changes are kept, the others are cut.)
async fn cut_off(base: String, request: String, n: u32) {
    let address = base.trim_start_matches("http://").to_owned();
    let mut socket = TcpStream::connect(address).await.unwrap();
    socket.write_all(request.as_bytes()).await.unwrap();
    let patience = Duration::from_micros(u64::from(n % 40) * 2_500);
    let mut first = [0; 1];
    // The answer may have come by then: both is fine.
    let _ = tokio::time::timeout(patience, socket.read(&mut first)).await;
}

/// Each connection is back, nobody holds a lock, and each change that was kept has its one fact.
async fn is_well(client: &Client, path: &str) {
    let mut reads = Vec::new();
    for _ in 0..20 {
        reads.push(client.get(path));
    }
    for read in futures_util::future::join_all(reads).await {
        assert!(read.is_ok(), "{read:?}");
    }
    let after = client.put(path, &json!({"name": "Nib & Quill"})).await.unwrap();
    assert_eq!(client.get(path).await.unwrap()["name"], "Nib & Quill");
    let trail = client.all(&format!("{path}/audit-logs")).await.unwrap();
    let changes = trail.iter().filter(|entry| entry["action"] == "workspace.updated").count();
    let version = usize::try_from(after["version"].as_i64().unwrap()).unwrap();
    assert_eq!(changes, version - 1, "a change without its fact, or a fact without its change");
}

pub(crate) async fn access_token(server: &Server) -> String {
    let patience = web::Patience { connect: Duration::from_secs(1), total: Duration::from_secs(10) };
    let login = json!({ "email": EMAIL, "password": PASSWORD });
    let url = format!("{}/api/v1/auth/login", server.base);
    let answer = web::client(patience).unwrap().post(url).json(&login).send().await.unwrap();
    let answer: Value = answer.json().await.unwrap();
    answer["access_token"].as_str().unwrap().to_owned()
}
