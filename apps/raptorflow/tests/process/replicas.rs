//! Two servers and two workers at one database and one Redis: limits hold over both servers, and what is done at one is
//! followed at the other.

use super::{
    cut_off::{EMAIL, PASSWORD, access_token},
    server::{Database, redis},
};
use futures_util::StreamExt;
use reqwest::{Client, Response, StatusCode};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::{Message, client::IntoClientRequest};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};
use web::Patience;

fn http() -> Client {
    web::client(Patience { connect: Duration::from_secs(5), total: Duration::from_secs(60) }).unwrap()
}

#[tokio::test]
async fn facts_told_at_one_server_are_followed_at_the_other_each_once_and_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::fresh(folder.path()).await;
    let redis = redis(5);
    let settings = [("REDIS_URL", redis.as_str()), ("RATE_LIMIT_PER_MINUTE", "1000000")];
    let servers = [database.server_with(&settings).await, database.server_with(&settings).await];
    let _workers = [database.worker_with(&settings), database.worker_with(&settings)];
    let mut client = servers[0].client(folder.path());
    client.join(EMAIL, PASSWORD).await.unwrap();
    let token = access_token(&servers[0]).await;
    let workspace = client.post("/api/v1/workspaces", &json!({"name": "Nib"})).await.unwrap();
    let path = format!("/api/v1/workspaces/{}", workspace["id"].as_str().unwrap());
    let stream = format!("{}{path}/events/stream", servers[1].base);
    let socket = format!("{}{path}/events/ws?last_event_id=0", servers[1].base.replace("http://", "ws://"));
    let mut request = socket.into_client_request().unwrap();
    let protocols = format!("bearer, {token}").parse().unwrap();
    request.headers_mut().insert("sec-websocket-protocol", protocols);
    let socket = connect_async(request).await.unwrap().0;
    let following = http().get(stream).bearer_auth(token).header("last-event-id", "0").send().await.unwrap();
    assert_eq!(following.status(), StatusCode::OK);
    for guest in 0..20 {
        let invited = json!({"email": format!("guest{guest}@example.com"), "role": "member"});
        client.post(&format!("{path}/invitations"), &invited).await.unwrap();
    }
    let seen = async { (invitations(following, 20).await, over_socket(socket, 20).await) };
    let seen = tokio::time::timeout(Duration::from_secs(30), seen).await;
    let (numbers, ids) = seen.expect("twenty invitations are followed");
    assert_eq!(numbers, (1..=i64::try_from(numbers.len()).unwrap()).collect::<Vec<_>>());
    assert_eq!(ids, numbers, "a WebSocket tells the same");
}

/// The ids of all messages up to so many invitations.
async fn over_socket(mut socket: WebSocketStream<MaybeTlsStream<TcpStream>>, count: usize) -> Vec<i64> {
    let (mut ids, mut invitations) = (Vec::new(), 0);
    while invitations < count {
        let Message::Text(text) = socket.next().await.expect("the stream goes on").unwrap() else { continue };
        let told: Value = serde_json::from_str(&text).unwrap();
        ids.push(told["id"].as_i64().unwrap());
        invitations += usize::from(told["event"] == "workspace.invitation_created");
    }
    ids
}

/// The numbers of all events up to so many invitations.
async fn invitations(mut following: Response, count: usize) -> Vec<i64> {
    let mut text = String::new();
    while text.matches("event: workspace.invitation_created\n").count() < count {
        let chunk = following.chunk().await.unwrap().expect("the stream goes on");
        text.push_str(std::str::from_utf8(&chunk).unwrap());
    }
    text.lines().filter_map(|line| line.strip_prefix("id: ")).map(|number| number.parse().unwrap()).collect()
}

#[tokio::test]
async fn a_caller_has_one_limit_at_both_servers() {
    const LIMIT: usize = 40;
    let folder = tempfile::tempdir().unwrap();
    let database = Database::fresh(folder.path()).await;
    let first = database.server().await;
    let _worker = database.worker();
    first.client(folder.path()).join(EMAIL, PASSWORD).await.unwrap();
    let passed = async |settings: &[(&str, &str)]| {
        let servers = [database.server_with(settings).await, database.server_with(settings).await];
        let (token, http) = (access_token(&servers[0]).await, http());
        let mut passed = 0;
        for call in 0..2 * LIMIT {
            let me = http.get(format!("{}/api/v1/auth/me", servers[call % 2].base)).bearer_auth(&token);
            passed += usize::from(me.send().await.unwrap().status() == StatusCode::OK);
        }
        passed
    };
    let (redis, limit) = (redis(6), LIMIT.to_string());
    let limit = ("RATE_LIMIT_PER_MINUTE", limit.as_str());
    // A bucket gets one token more in a second and a half.
    let together = passed(&[limit, ("REDIS_URL", redis.as_str())]).await;
    assert!((LIMIT..LIMIT + 8).contains(&together), "{together} calls passed");
    let apart = passed(&[limit]).await;
    assert!(apart > LIMIT + 16, "without Redis each server has its own limit: {apart} calls passed");
}
