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
