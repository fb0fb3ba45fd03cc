//! API keys at each route: the documented scope opens it, every other one does not.

use super::routes::{Route, routes};
use super::scene::{Scene, body_of, call, nowhere};
use crate::fixture::Fixture;
use kernel::KeyScope;
use serde_json::Value;

/// Status and code of a call with a key of these scopes, in a scene of its own.
async fn with_key(route: &Route, scopes: &[String]) -> (u16, String) {
    let fixture = Fixture::with_real_logins();
    let scene = Scene::new(&fixture, "scene").await;
    let key = scene.key(&fixture, scopes).await;
    let request = call(&fixture, route, scene.workspace, &nowhere).header("X-API-Key", key);
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let body: Value = serde_json::from_str(&body_of(response).await).unwrap_or_default();
    (status, body["code"].as_str().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn a_key_opens_what_its_scopes_name_and_nothing_else() {
    let all: Vec<String> = KeyScope::all().map(|scope| scope.to_string()).collect();
    let mut wrong = Vec::new();
    for route in routes().iter().filter(|route| !route.is_open()) {
        let Some(needed) = &route.key_scope else {
            let (status, code) = with_key(route, &all).await;
            if status != 403 {
                wrong.push(format!("{} with every scope: {status} {code}, not 403", route.operation));
            }
            continue;
        };
        let others: Vec<String> = all.iter().filter(|scope| *scope != needed).cloned().collect();
        let without = with_key(route, &others).await;
        if without != (403, "insufficient_scope".to_owned()) {
            wrong.push(format!("{} with every scope but {needed}: {without:?}", route.operation));
        }
        let (status, code) = with_key(route, std::slice::from_ref(needed)).await;
        if status != route.row.allowed {
            wrong.push(format!(
                "{} with {needed}: {status} {code}, not {}",
                route.operation, route.row.allowed
            ));
        }
    }
    assert!(wrong.is_empty(), "{} wrong answers:\n{}", wrong.len(), wrong.join("\n"));
}
