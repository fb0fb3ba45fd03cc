//! Where a request may name its workspace: header, query and path agree, or it is refused.

use super::scene::Scene;
use crate::fixture::{expect, expect_problem};
use reqwest::Method;
use serde_json::{Value, json};

#[actix_web::test]
async fn places_that_name_different_workspaces_are_refused_and_equal_ones_taken() {
    let scene = Scene::set().await;
    let body = json!({"name": "Second"});
    let second = scene.send(&scene.owner, Method::POST, "/api/v1/workspaces", &body).await;
    let second = expect(second, 201).await["id"].as_str().unwrap().to_owned();
    let first = scene.workspace.to_string();
    let get = async |query: &str, header: Option<&str>| {
        let request = scene.fixture.by(&scene.owner, Method::GET, &scene.path(query));
        let request = header.into_iter().fold(request, |request, id| request.header("x-workspace-id", id));
        request.send().await.unwrap()
    };
    for (query, header) in [
        (String::new(), Some(second.as_str())),
        (format!("?workspace_id={second}"), None),
        (format!("?workspace_id={first}"), Some(second.as_str())),
        (format!("?workspace_id={second}"), Some(first.as_str())),
    ] {
        expect_problem(get(&query, header).await, 400, "workspace_conflict").await;
    }
    let found: Value = expect(get(&format!("?workspace_id={first}"), Some(&first)).await, 200).await;
    assert_eq!(found["name"], "Acme");
    expect_problem(get("", Some("nonsense")).await, 400, "invalid_workspace_id").await;
}

#[actix_web::test]
async fn without_a_name_it_is_the_oldest_membership() {
    let scene = Scene::set().await;
    scene.fixture.clock.advance(std::time::Duration::from_secs(1));
    let ada = scene.fixture.member("ada@example.com").await;
    let (elder, younger) = (scene.path("/members"), json!({"name": "Mine"}));
    let body = json!({"user_id": ada.id, "role": "member"});
    expect(scene.send(&scene.owner, Method::POST, &elder, &body).await, 201).await;
    scene.fixture.clock.advance(std::time::Duration::from_secs(1));
    expect(scene.send(&ada, Method::POST, "/api/v1/workspaces", &younger).await, 201).await;
    scene.fixture.work().await;
    let council = expect(scene.bare(&ada, Method::GET, "/api/v1/agents").await, 200).await;
    let named = format!("/api/v1/agents?workspace_id={}", scene.workspace);
    assert_eq!(council, expect(scene.bare(&ada, Method::GET, &named).await, 200).await);
    assert!(!council["items"].as_array().unwrap().is_empty());
}
