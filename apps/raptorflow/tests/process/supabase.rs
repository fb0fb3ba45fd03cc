//! Somebody comes in by the token of a Supabase project.

use crate::server::Server;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ed25519_dalek::{SigningKey, pkcs8::EncodePrivateKey};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use kernel::Clock;
use reqwest::{Method, Response};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use web::Patience;

/// Publishes the key of this seed where Supabase does.
async fn project(seed: [u8; 32]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let x = URL_SAFE_NO_PAD.encode(SigningKey::from_bytes(&seed).verifying_key().as_bytes());
    let body = json!({"keys": [{"kid": "k1", "kty": "OKP", "crv": "Ed25519", "x": x}]}).to_string();
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(socket.read_u8().await.unwrap());
            }
            assert!(head.starts_with(b"GET /auth/v1/.well-known/jwks.json "));
            let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len());
            socket.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    url
}

fn token(url: &str, seed: [u8; 32], email: &str, verified: bool) -> String {
    let pair = SigningKey::from_bytes(&seed).to_pkcs8_der().unwrap();
    let claims = json!({
        "iss": format!("{url}/auth/v1"), "aud": "authenticated", "role": "authenticated", "sub": email,
        "exp": kernel::SystemClock.now().seconds() + 600, "email": email,
        "user_metadata": {"email_verified": verified, "full_name": "Ada Lovelace"},
    });
    let header = Header { kid: Some("k1".to_owned()), ..Header::new(Algorithm::EdDSA) };
    encode(&header, &claims, &EncodingKey::from_ed_der(pair.as_bytes())).unwrap()
}

async fn call(server: &Server, method: Method, path: &str, token: &str, body: &Value) -> Response {
    let patience = Patience { connect: Duration::from_secs(10), total: Duration::from_secs(30) };
    let request = web::client(patience).unwrap().request(method, format!("{}{path}", server.base));
    let request = request.bearer_auth(token);
    let request = if body.is_null() { request } else { request.json(body) };
    request.send().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verified_address_gets_an_account_and_works_without_a_session() {
    let (seed, folder) = ([7; 32], tempfile::tempdir().unwrap());
    let url = project(seed).await;
    let server = Server::embedded_with(folder.path(), &[("SUPABASE_URL", &url)]).await;
    let ada = token(&url, seed, "ada@example.com", true);
    let me: Value =
        call(&server, Method::GET, "/api/v1/auth/me", &ada, &Value::Null).await.json().await.unwrap();
    assert_eq!(
        (&me["user"]["email"], &me["user"]["email_verified"]),
        (&"ada@example.com".into(), &true.into())
    );
    assert_eq!(me["user"]["display_name"], "Ada Lovelace");
    let made = call(&server, Method::POST, "/api/v1/workspaces", &ada, &json!({"name": "Acme"})).await;
    assert_eq!(made.status(), 201);
    let refused = call(&server, Method::POST, "/api/v1/auth/logout", &ada, &json!({})).await;
    assert_eq!(refused.status(), 409);
    assert_eq!(refused.json::<Value>().await.unwrap()["code"], "login_is_external");
    let again = call(&server, Method::GET, "/api/v1/auth/me", &ada, &Value::Null).await;
    assert_eq!(again.json::<Value>().await.unwrap()["memberships"].as_array().unwrap().len(), 1);
    let export = call(&server, Method::GET, "/api/v1/users/me/export", &ada, &Value::Null).await;
    let export: Value = export.json().await.unwrap();
    assert_eq!(export["external_identities"][0]["issuer"], format!("{url}/auth/v1"));
    for bad in [token(&url, seed, "eve@example.com", false), token(&url, [8; 32], "ada@example.com", true)] {
        let refused = call(&server, Method::GET, "/api/v1/auth/me", &bad, &Value::Null).await;
        assert_eq!(refused.status(), 401);
    }
}
