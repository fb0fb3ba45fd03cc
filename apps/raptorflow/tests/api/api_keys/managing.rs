//! Making, listing and revoking.

use super::scene::{Maker, every_scope, nowhere, text};
use crate::fixture::{Fixture, expect, expect_problem, fields};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

#[actix_web::test]
async fn a_key_is_shown_once_used_listed_and_revoked() {
    let fixture = Fixture::with_real_logins();
    let maker = Maker::new(&fixture).await;
    let body = json!({"name": " CI ", "scopes": ["moves:read", "campaigns:read"],
        "expires_at": "2026-04-01T00:00:00Z"});
    let issued = expect(maker.try_issue(&fixture, &body).await, 201).await;
    let key = text(&issued["key"]);
    let prefix = key[..12].to_owned();
    let expected = json!({
        "id": issued["id"], "name": "CI", "prefix": prefix, "key": key,
        "scopes": ["campaigns:read", "moves:read"],
        "expires_at": "2026-04-01T00:00:00Z", "created_at": "2026-03-02T09:00:00Z",
    });
    assert_eq!(issued, expected);
    assert!(key.starts_with("rf_") && key.len() == 46, "{key}");

    fixture.clock.advance(Duration::from_secs(90));
    let used = fixture.anonymous(Method::GET, "/api/v1/campaigns/list").header("x-api-key", &key);
    expect(used.send().await.unwrap(), 200).await;
    let list = maker.call(&fixture, Method::GET, &maker.keys()).send().await.unwrap();
    let listed = expect(list, 200).await;
    let expected = json!({
        "id": issued["id"], "name": "CI", "prefix": prefix, "scopes": ["campaigns:read", "moves:read"],
        "created_by": maker.id, "created_at": "2026-03-02T09:00:00Z",
        "expires_at": "2026-04-01T00:00:00Z", "last_used_at": "2026-03-02T09:01:30Z", "revoked_at": null,
    });
    assert_eq!(listed, json!({"items": [expected], "next_cursor": null}));

    let id = text(&issued["id"]);
    for _ in 0..2 {
        assert_eq!(maker.revoke(&fixture, &id).await.status(), 204, "also when it is revoked already");
        let used = fixture.anonymous(Method::GET, "/api/v1/campaigns/list").header("x-api-key", &key);
        expect_problem(used.send().await.unwrap(), 401, "unauthenticated").await;
    }
    let list = maker.call(&fixture, Method::GET, &maker.keys()).send().await.unwrap();
    assert_eq!(expect(list, 200).await["items"][0]["revoked_at"], "2026-03-02T09:01:30Z");
}

#[actix_web::test]
async fn a_repeated_request_makes_one_key_and_shows_it_again() {
    let fixture = Fixture::with_real_logins();
    let maker = Maker::new(&fixture).await;
    let send = async |body: Value| {
        let request = maker.call(&fixture, Method::POST, &maker.keys()).header("idempotency-key", "once");
        request.json(&body).send().await.unwrap()
    };
    let body = json!({"name": "CI", "scopes": ["bcm:read"]});
    let first = expect(send(body.clone()).await, 201).await;
    assert_eq!(expect(send(body).await, 201).await, first);
    let other = json!({"name": "CI", "scopes": ["bcm:write"]});
    expect_problem(send(other).await, 422, "idempotency_key_reused").await;
    let list = maker.call(&fixture, Method::GET, &maker.keys()).send().await.unwrap();
    assert_eq!(expect(list, 200).await["items"].as_array().unwrap().len(), 1);
}

#[actix_web::test]
async fn every_wrong_field_is_named() {
    let fixture = Fixture::with_real_logins();
    let maker = Maker::new(&fixture).await;
    let wrong = async |body: Value| {
        let problem = expect_problem(maker.try_issue(&fixture, &body).await, 422, "invalid").await;
        fields(&problem)
    };
    let named = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
        pairs.iter().map(|(pointer, code)| ((*pointer).to_owned(), (*code).to_owned())).collect()
    };
    let body = json!({"name": " ", "scopes": ["bcm:read", "bcm:delete", "members:read", "api_keys:write"],
        "expires_at": "2026-03-02T09:00:00Z"});
    let expected = [
        ("/name", "required"),
        ("/scopes/1", "unknown_value"),
        ("/scopes/2", "unknown_value"),
        ("/scopes/3", "unknown_value"),
        ("/expires_at", "in_the_past"),
    ];
    assert_eq!(wrong(body).await, named(&expected));
    let body = json!({"name": "CI", "scopes": [], "expires_at": "2027-03-04T09:00:00Z"});
    assert_eq!(wrong(body).await, named(&[("/scopes", "required"), ("/expires_at", "too_late")]));
    let body = json!({"scopes": ["bcm:read"], "expires_at": "tomorrow", "role": "owner"});
    let expected = [("/name", "required"), ("/expires_at", "invalid_format"), ("/role", "unknown_field")];
    let mut found = wrong(body).await;
    found.sort();
    let mut expected = named(&expected);
    expected.sort();
    assert_eq!(found, expected);
}

#[actix_web::test]
async fn a_key_of_another_workspace_is_like_an_unknown_one() {
    let fixture = Fixture::with_real_logins();
    let maker = Maker::new(&fixture).await;
    let stranger = Maker::new(&fixture).await;
    let key = maker.issue(&fixture, &every_scope()).await;
    let mut told = Vec::new();
    for id in [key.id.clone(), nowhere()] {
        let problem = expect_problem(stranger.revoke(&fixture, &id).await, 404, "not_found").await;
        told.push((problem["detail"].clone(), problem["title"].clone()));
    }
    assert_eq!(told[0], told[1]);
    expect_problem(maker.revoke(&fixture, "seven").await, 400, "invalid_path").await;
    for method in [Method::GET, Method::POST] {
        let request = stranger.call(&fixture, method, &maker.keys());
        let request = request.json(&json!({"name": "CI", "scopes": ["bcm:read"]}));
        expect_problem(request.send().await.unwrap(), 404, "not_found").await;
    }
    let nobody = fixture.anonymous(Method::GET, &maker.keys()).send().await.unwrap();
    expect_problem(nobody, 401, "unauthenticated").await;
    expect(key.get(&fixture, "/api/v1/campaigns/list").await, 200).await;
}

#[actix_web::test]
async fn a_workspace_has_fifty_live_keys_at_most() {
    let fixture = Fixture::with_real_logins();
    let maker = Maker::new(&fixture).await;
    let mut last = None;
    for _ in 0..50 {
        last = Some(maker.issue(&fixture, &["bcm:read".to_owned()]).await);
    }
    let body = json!({"name": "CI", "scopes": ["bcm:read"]});
    expect_problem(maker.try_issue(&fixture, &body).await, 409, "too_many_api_keys").await;
    assert_eq!(maker.revoke(&fixture, &last.unwrap().id).await.status(), 204);
    maker.issue(&fixture, &["bcm:read".to_owned()]).await;
}
