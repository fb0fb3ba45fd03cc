//! What health says of the work that requests leave for later.

use super::server::{Database, Server};
use serde_json::Value;
use std::time::Duration;

/// The check of workers, as soon as it is in this state.
async fn worker_is(server: &Server, state: &str) -> Value {
    let patience = web::Patience { connect: Duration::from_secs(5), total: Duration::from_secs(10) };
    let client = web::client(patience).unwrap();
    let look = async {
        let mut look = tokio::time::interval(Duration::from_millis(20));
        loop {
            look.tick().await;
            let answer = client.get(format!("{}/health", server.base)).send().await.unwrap();
            assert_eq!(answer.status(), 200, "requests are answered all the same");
            let health: Value = answer.json().await.unwrap();
            if health["checks"]["worker"]["state"] == state {
                return health;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(30), look).await.expect("the worker is so")
}

#[tokio::test]
async fn an_embedded_server_has_its_worker() {
    let folder = tempfile::tempdir().unwrap();
    let health = worker_is(&Server::embedded(folder.path()).await, "ok").await;
    let detail = health["checks"]["worker"]["detail"].as_str().unwrap();
    assert!(detail.starts_with("1 worker(s) at 0 job(s)"), "{health}");
}

#[tokio::test]
async fn a_server_without_a_worker_says_so_until_one_comes() {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::fresh(folder.path()).await;
    let server = database.server().await;
    let health = worker_is(&server, "degraded").await;
    assert_eq!(health["status"], "degraded");
    let _worker = database.worker();
    worker_is(&server, "ok").await;
}

/// What `/health/detailed` tells, as soon as a worker is seen.
async fn inside(server: &Server) -> Value {
    worker_is(server, "ok").await;
    let patience = web::Patience { connect: Duration::from_secs(5), total: Duration::from_secs(10) };
    let answer = web::client(patience).unwrap().get(format!("{}/health/detailed", server.base)).send().await;
    let answer = answer.unwrap();
    assert_eq!(answer.status(), 200);
    answer.json().await.unwrap()
}

fn is_whole(told: &Value, pools: [&str; 2]) {
    assert_eq!(told["status"], "ok", "{told}");
    for asked in ["database", "migrations", "worker", "clock"] {
        assert!(told["checks"][asked]["latency_ms"].as_f64().is_some_and(|ms| ms >= 0.0), "{told}");
    }
    assert_eq!(told["checks"]["ai"]["latency_ms"], Value::Null);
    let named: Vec<_> = told["pools"].as_array().unwrap().iter().map(|pool| pool["name"].clone()).collect();
    assert_eq!(named, pools);
    for pool in told["pools"].as_array().unwrap() {
        let figure = |name: &str| pool[name].as_u64().unwrap();
        assert!(figure("max") >= figure("size") && figure("size") == figure("in_use") + figure("idle"));
        assert_eq!(figure("waiting"), 0);
    }
    assert_eq!(told["schema"]["missing"], serde_json::json!([]));
    assert!(told["schema"]["newest"].as_str().is_some_and(|newest| !newest.is_empty()));
    assert_eq!(
        (told["workers"].as_array().map(Vec::len), &told["queue"]["dead_letters"]),
        (Some(1), &0.into())
    );
    assert!(told["outbox"]["lag_seconds"].as_f64().is_some() && told["queue"]["lag_seconds"].is_number());
    assert_eq!(told["ai"]["fallback"], "baseline");
}

#[tokio::test]
async fn the_inside_of_an_embedded_server_is_told_without_its_places() {
    let folder = tempfile::tempdir().unwrap();
    let told = inside(&Server::embedded(folder.path()).await).await;
    is_whole(&told, ["readers", "writer"]);
    let place = folder.path().to_str().unwrap();
    assert!(!told.to_string().contains(place), "{told}");
}

#[tokio::test]
async fn the_inside_on_postgresql_is_told_without_hosts_and_accounts() {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::fresh(folder.path()).await;
    let settings = [("RESEND_API_KEY", "re_x"), ("MAIL_FROM", "RaptorFlow <hello@nib.example>")];
    let server = database.server_with(&settings).await;
    let _worker = database.worker();
    let told = inside(&server).await;
    is_whole(&told, ["app", "system"]);
    let breaker = &told["breakers"][0];
    assert_eq!((&breaker["name"], &breaker["state"]), (&"resend".into(), &"closed".into()), "{told}");
    for hidden in ["postgres:", "127.0.0.1", "localhost", "rf_app", "rf_system"] {
        assert!(!told.to_string().contains(hidden), "{hidden} shows in {told}");
    }
}
