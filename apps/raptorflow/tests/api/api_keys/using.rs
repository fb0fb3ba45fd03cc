//! A program at work.

use super::scene::{Maker, every_scope, four_weeks, nowhere, text};
use crate::fixture::{Fixture, expect, expect_problem};
use reqwest::Method;
use serde_json::json;
use std::time::Duration;

#[actix_web::test]
async fn a_program_does_the_main_job_with_its_key() {
    let fixture = Fixture::with_real_logins();
    let maker = Maker::new(&fixture).await;
    let key = maker.issue(&fixture, &every_scope()).await;
    let started = key.call(&fixture, Method::POST, "/api/v1/onboarding/session").json(&json!({}));
    let session = expect(started.send().await.unwrap(), 201).await;
    assert_eq!(session["workspace_id"], maker.workspace.as_str());

    let create = async || {
        let request = key.call(&fixture, Method::POST, "/api/v1/campaigns/create");
        let request = request.header("idempotency-key", "once").json(&four_weeks());
        expect(request.send().await.unwrap(), 201).await
    };
    let campaign = create().await;
    assert_eq!(create().await, campaign, "the same request is one effect for programs, too");
    let listed = expect(key.get(&fixture, "/api/v1/campaigns/list").await, 200).await;
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);

    let path = format!("/api/v1/workspaces/{}", maker.workspace);
    let renamed = key.call(&fixture, Method::PUT, &path).json(&json!({"name": "Renamed", "slug": "renamed"}));
    let renamed = expect(renamed.send().await.unwrap(), 200).await;
    assert_eq!(
        (&renamed["name"], &renamed["slug"], &renamed["role"]),
        (&json!("Renamed"), &json!("renamed"), &json!("admin"))
    );
}

#[actix_web::test]
async fn a_key_lets_into_its_own_workspace_only() {
    let fixture = Fixture::with_real_logins();
    let maker = Maker::new(&fixture).await;
    let key = maker.issue(&fixture, &every_scope()).await;
    let second = maker.call(&fixture, Method::POST, "/api/v1/workspaces").json(&json!({"name": "Second"}));
    let second = text(&expect(second.send().await.unwrap(), 201).await["id"]);
    let mut told = Vec::new();
    for workspace in [second, nowhere()] {
        for request in [
            key.call(&fixture, Method::GET, &format!("/api/v1/workspaces/{workspace}")),
            key.call(&fixture, Method::GET, &format!("/api/v1/campaigns/list?workspace_id={workspace}")),
            key.call(&fixture, Method::GET, "/api/v1/campaigns/list").header("x-workspace-id", &workspace),
            key.call(&fixture, Method::POST, "/api/v1/onboarding/session")
                .json(&json!({"workspace_id": workspace})),
        ] {
            let problem = expect_problem(request.send().await.unwrap(), 404, "not_found").await;
            told.push((problem["detail"].clone(), problem["title"].clone()));
        }
    }
    told.dedup();
    assert_eq!(told.len(), 1, "the maker's other workspace is like an unknown one: {told:?}");
}

#[actix_web::test]
async fn a_key_expires_and_no_public_route_looks_at_it() {
    let fixture = Fixture::with_real_logins();
    let maker = Maker::new(&fixture).await;
    let key = maker.issue(&fixture, &every_scope()).await;
    let day = Duration::from_secs(24 * 60 * 60);
    fixture.clock.advance(90 * day - Duration::from_secs(1));
    expect(key.get(&fixture, "/api/v1/campaigns/list").await, 200).await;
    fixture.clock.advance(Duration::from_secs(1));
    let refused = key.get(&fixture, "/api/v1/campaigns/list").await;
    assert_eq!(refused.headers()["www-authenticate"], "Bearer error=\"invalid_token\"");
    expect_problem(refused, 401, "unauthenticated").await;
    expect_problem(key.get(&fixture, "/api/v1/auth/me").await, 401, "unauthenticated").await;
    expect(key.get(&fixture, "/version").await, 200).await;
}

#[actix_web::test]
async fn a_use_that_was_noted_is_no_news_though_the_key_is_remembered() {
    let fixture = Fixture::with_real_logins();
    let maker = Maker::new(&fixture).await;
    let key = maker.issue(&fixture, &every_scope()).await;
    let keys = &fixture.services.api_keys;
    let first = keys.authenticate(&key.text).await.unwrap().unwrap();
    assert!(first.is_news && keys.authenticate(&key.text).await.unwrap().unwrap().is_news);
    keys.note_use(first.key).await.unwrap();
    assert!(!keys.authenticate(&key.text).await.unwrap().unwrap().is_news);
}
