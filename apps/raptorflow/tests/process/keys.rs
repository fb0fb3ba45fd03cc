//! Access tokens under keys that come and go.

use crate::server::Server;
use base64::{Engine, engine::general_purpose::STANDARD};
use reqwest::Response;
use serde_json::{Value, json};
use std::{path::Path, time::Duration};
use web::Patience;

const PATIENCE: Patience = Patience { connect: Duration::from_secs(10), total: Duration::from_secs(30) };

fn entry(id: &str, seed: u8) -> String {
    format!("{id}:{}", STANDARD.encode([seed; 32]))
}

async fn serve(data_dir: &Path, keys: &str) -> Server {
    Server::embedded_with(data_dir, &[("JWT_SIGNING_KEYS", keys)]).await
}

async fn get(server: &Server, path: &str, token: &str) -> Response {
    let client = web::client(PATIENCE).unwrap();
    client.get(format!("{}{path}", server.base)).bearer_auth(token).send().await.unwrap()
}

async fn me(server: &Server, token: &str) -> u16 {
    get(server, "/api/v1/auth/me", token).await.status().as_u16()
}

async fn published(server: &Server) -> Vec<String> {
    let answer = get(server, "/.well-known/jwks.json", "x").await;
    assert_eq!(answer.headers()["cache-control"], "public, max-age=300");
    let body: Value = answer.json().await.unwrap();
    let keys = body["keys"].as_array().unwrap().iter();
    keys.map(|key| {
        for (name, value) in [("kty", "OKP"), ("crv", "Ed25519"), ("use", "sig"), ("alg", "EdDSA")] {
            assert_eq!(key[name], value, "{key}");
        }
        assert_eq!((key["x"].as_str().map(str::len), key.as_object().unwrap().len()), (Some(43), 6));
        key["kid"].as_str().unwrap().to_owned()
    })
    .collect()
}

async fn log_in(server: &Server, data_dir: &Path) -> (String, String) {
    let login = json!({ "email": "ada@example.com", "password": "correct horse battery" });
    let tokens = server.client(data_dir).post("/api/v1/auth/login", &login).await.unwrap();
    let text = |name: &str| tokens[name].as_str().unwrap().to_owned();
    (text("access_token"), text("refresh_token"))
}

#[tokio::test]
async fn tokens_of_a_key_work_while_it_is_listed_and_a_session_outlives_its_key() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let server = Server::embedded(folder).await;
    assert_eq!(published(&server).await, Vec::<String>::new());
    server.client(folder).join("ada@example.com", "correct horse battery").await.unwrap();
    let (by_secret, _) = log_in(&server, folder).await;
    drop(server);

    let server = serve(folder, &entry("old", 1)).await;
    assert_eq!(published(&server).await, ["old"]);
    assert_eq!(me(&server, &by_secret).await, 401);
    let (old, refresh) = log_in(&server, folder).await;
    assert_eq!(me(&server, &old).await, 200);
    drop(server);

    let server = serve(folder, &format!("{},{}", entry("new", 2), entry("old", 1))).await;
    assert_eq!(published(&server).await, ["new", "old"]);
    assert_eq!(me(&server, &old).await, 200);
    drop(server);

    let server = serve(folder, &entry("new", 2)).await;
    assert_eq!(published(&server).await, ["new"]);
    assert_eq!(me(&server, &old).await, 401);
    let next = json!({ "refresh_token": refresh });
    let next = server.client(folder).post("/api/v1/auth/refresh", &next).await.unwrap();
    assert_eq!(me(&server, next["access_token"].as_str().unwrap()).await, 200);
}
