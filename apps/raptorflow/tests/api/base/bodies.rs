//! What is sent, and what is wrong with it.

use super::probe::{LIMIT, expect_problem, fields, probe};
use reqwest::Method;
use serde_json::json;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

const GOOD: &str = r#"{"name": "Spring", "goal": "leads", "channels": ["email"]}"#;

#[actix_web::test]
async fn a_good_body_reaches_the_handler() {
    let probe = probe().await;
    let response = probe.create(GOOD).await;
    assert_eq!(response.status(), 201);
    assert_eq!(response.headers()["etag"], "\"1\"");
    assert_eq!(response.headers()["location"], "/api/v1/probe/campaigns/1");
    let seen: serde_json::Value = response.json().await.unwrap();
    assert_eq!(
        (&seen["name"], &seen["goal"], &seen["channels"]),
        (&json!("Spring"), &json!("leads"), &json!(1))
    );
    assert_eq!((&seen["key"], &seen["budget"]), (&json!(null), &json!(null)));
}

#[actix_web::test]
async fn what_is_no_doubtless_json_is_malformed() {
    let probe = probe().await;
    let deep = format!(r#"{{"name": {}1{}}}"#, "[".repeat(200), "]".repeat(200));
    let abyss = "[".repeat(LIMIT - 1);
    for body in [
        "{",
        "",
        "not json",
        "{} {}",
        r#"{"name": "\ud800"}"#,
        r#"{"name": "a", "name": "b"}"#,
        r#"{"budget": 1e999}"#,
        &deep,
        &abyss,
    ] {
        let problem = expect_problem(probe.create(body.to_owned()).await, 400, "malformed_json").await;
        assert!(problem["errors"].is_null());
    }
    expect_problem(probe.create(&b"{\"name\": \"\xff\"}"[..]).await, 400, "malformed_json").await;
}

#[actix_web::test]
async fn every_wrong_field_is_told_at_once() {
    let probe = probe().await;
    let body = json!({
        "name": "", "goal": "fame", "channels": ["a", "b", 3, "d"], "budget": "5", "is_admin": true, "workspace_id": "x",
    });
    let problem = expect_problem(probe.create(body.to_string()).await, 422, "invalid").await;
    let mut found = fields(&problem);
    found.sort();
    let expected = [
        ("/budget", "wrong_type"),
        ("/channels", "too_many"),
        ("/channels/2", "wrong_type"),
        ("/goal", "unknown_value"),
        ("/is_admin", "unknown_field"),
        ("/name", "required"),
        ("/workspace_id", "unknown_field"),
    ];
    assert_eq!(found, expected.map(|(pointer, code)| (pointer.to_owned(), code.to_owned())));
}

#[actix_web::test]
async fn missing_fields_wrong_shapes_and_nul_are_invalid() {
    let probe = probe().await;
    let problem = expect_problem(probe.create("{}").await, 422, "invalid").await;
    assert_eq!(fields(&problem).len(), 3);
    for body in ["[]", "null", "7", "\"text\""] {
        let problem = expect_problem(probe.create(body).await, 422, "invalid").await;
        assert_eq!(fields(&problem), [(String::new(), "wrong_type".to_owned())], "{body}");
    }
    let nul = GOOD.replace("Spring", "a\\u0000b");
    let problem = expect_problem(probe.create(nul).await, 422, "invalid").await;
    assert_eq!(fields(&problem), [("/name".to_owned(), "forbidden_character".to_owned())]);
    let none = probe.call(Method::POST, "/api/v1/probe/campaigns").send().await.unwrap();
    assert_eq!(fields(&expect_problem(none, 422, "invalid").await).len(), 3);
}

#[actix_web::test]
async fn only_plain_json_is_taken() {
    let probe = probe().await;
    for (media_type, encoding, status) in [
        ("application/json; charset=utf-8", "identity", 201),
        ("APPLICATION/JSON", "identity", 201),
        ("text/plain", "identity", 415),
        ("application/x-www-form-urlencoded", "identity", 415),
        ("application/jsonp", "identity", 415),
        ("application/json", "gzip", 415),
    ] {
        let request = probe.call(Method::POST, "/api/v1/probe/campaigns").header("content-type", media_type);
        let response = request.header("content-encoding", encoding).body(GOOD).send().await.unwrap();
        if status == 415 {
            expect_problem(response, 415, "unsupported_media_type").await;
        } else {
            assert_eq!(response.status(), status, "{media_type}");
        }
    }
}

#[actix_web::test]
async fn areas_have_limits_of_their_own() {
    let probe = probe().await;
    let padded = |length: usize| format!("{}{}", GOOD, " ".repeat(length - GOOD.len()));
    assert_eq!(probe.create(padded(LIMIT)).await.status(), 201);
    expect_problem(probe.create(padded(LIMIT + 1)).await, 413, "body_too_large").await;
    let auth = |body: String| {
        let request =
            probe.anonymous(Method::POST, "/api/v1/auth/probe").header("content-type", "application/json");
        request.body(body).send()
    };
    assert_eq!(auth(format!("{{}}{}", " ".repeat(4000))).await.unwrap().status(), 200);
    expect_problem(auth(format!("{{}}{}", " ".repeat(4096))).await.unwrap(), 413, "body_too_large").await;
}

/// Sends bytes as they are, and reads until the answer is there whole; the rest of the connection comes with it.
fn raw(base: &str, bytes: &[u8]) -> (String, TcpStream) {
    let mut stream = TcpStream::connect(base.strip_prefix("http://").unwrap()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    stream.write_all(bytes).unwrap();
    let (mut answer, mut buffer) = (Vec::new(), [0_u8; 4096]);
    while !answer.ends_with(b"}") {
        let read = stream.read(&mut buffer).unwrap();
        assert_ne!(read, 0, "the connection ended too early");
        answer.extend_from_slice(&buffer[..read]);
    }
    (String::from_utf8_lossy(&answer).into_owned(), stream)
}

const HEAD: &str = "POST /api/v1/probe/campaigns HTTP/1.1\r\nhost: x\r\nauthorization: Bearer user-1\r\n\
                    content-type: application/json\r\n";

#[actix_web::test]
async fn an_oversized_body_is_refused_before_it_is_sent() {
    let probe = probe().await;
    let base = probe.base.clone();
    let declared = format!("{HEAD}content-length: 10000000000\r\n\r\n{{");
    let (answer, mut rest) = actix_web::web::block(move || raw(&base, declared.as_bytes())).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 413 ") && answer.contains("application/problem+json"), "{answer}");
    let closed = actix_web::web::block(move || rest.read(&mut [0; 1])).await.unwrap();
    assert_eq!(closed.unwrap(), 0, "what follows would be taken for the next request");

    let base = probe.base.clone();
    let endless = format!("{HEAD}transfer-encoding: chunked\r\n\r\n4000\r\n{}\r\n", " ".repeat(0x4000));
    let (answer, _) = actix_web::web::block(move || raw(&base, endless.as_bytes())).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
}

#[actix_web::test]
async fn a_caller_who_may_not_call_learns_nothing_of_the_body() {
    let probe = probe().await;
    let request = probe.anonymous(Method::POST, "/api/v1/probe/campaigns").body("not json");
    expect_problem(request.send().await.unwrap(), 401, "unauthenticated").await;
}

#[actix_web::test]
async fn an_idempotency_key_is_bound_to_caller_route_and_body() {
    let probe = probe().await;
    let send = |key: &'static str, body: &'static str| {
        let request = probe.call(Method::POST, "/api/v1/probe/campaigns").header("idempotency-key", key);
        request.header("content-type", "application/json").body(body).send()
    };
    let quoted: serde_json::Value = send("\"abc-1\"", GOOD).await.unwrap().json().await.unwrap();
    let bare: serde_json::Value = send("abc-1", GOOD).await.unwrap().json().await.unwrap();
    assert_eq!(quoted, bare);
    assert_eq!(quoted["key"], "abc-1");
    let owner = quoted["key_owner"].as_str().unwrap();
    assert!(owner.contains(quoted["workspace_id"].as_str().unwrap()), "{owner}");
    assert!(owner.ends_with(" POST /api/v1/probe/campaigns"), "{owner}");
    assert_eq!(quoted["request_hash"].as_str().unwrap().len(), 64);
    expect_problem(send("a b", GOOD).await.unwrap(), 400, "malformed_header").await;
}

#[actix_web::test]
async fn a_patch_keeps_clears_or_sets_and_the_version_is_checked() {
    let probe = probe().await;
    let path = "/api/v1/probe/campaigns/00000000-0000-0000-0000-000000000007";
    let put = |tag: &'static str, body: serde_json::Value| {
        probe.call(Method::PUT, path).header("if-match", tag).json(&body).send()
    };
    let kept: serde_json::Value = put("\"3\"", json!({})).await.unwrap().json().await.unwrap();
    assert_eq!(kept["budget"], json!(null));
    let response = put("*", json!({"budget": 5})).await.unwrap();
    assert_eq!(response.headers()["etag"], "\"4\"");
    expect_problem(put("\"2\"", json!({})).await.unwrap(), 412, "stale_version").await;
    expect_problem(put("\"other\"", json!({})).await.unwrap(), 412, "stale_version").await;
    expect_problem(put("2", json!({})).await.unwrap(), 400, "malformed_header").await;
}
