//! Handing a workspace over.

use super::scene::Scene;
use crate::fixture::{expect, expect_problem, fields, logins::PASSWORD};
use reqwest::Method;
use serde_json::json;
use std::time::Duration;

#[actix_web::test]
async fn an_owner_hands_over_and_is_an_admin_then() {
    let scene = Scene::set().await;
    let ada = scene.member("ada@example.com", "member").await;
    let path = scene.path("/transfer-ownership");
    let body = json!({"user_id": ada.id});
    expect_problem(scene.send(&ada, Method::POST, &path, &body).await, 403, "forbidden").await;
    let own = scene.send(&scene.owner, Method::POST, &path, &json!({"user_id": scene.owner.id})).await;
    let own = expect_problem(own, 422, "invalid").await;
    assert_eq!(fields(&own), [("/user_id".to_owned(), "yourself".to_owned())]);
    let stranger = scene.stranger().await;
    let foreign = scene.send(&scene.owner, Method::POST, &path, &json!({"user_id": stranger.user})).await;
    expect_problem(foreign, 404, "not_found").await;

    let done = expect(scene.send(&scene.owner, Method::POST, &path, &body).await, 200).await;
    let sides =
        ["owner", "former_owner"].map(|side| (done[side]["user_id"].clone(), done[side]["role"].clone()));
    assert_eq!(sides, [(json!(ada.id), json!("owner")), (json!(scene.owner.id), json!("admin"))]);
    let roles: Vec<_> = scene.roles().await.into_iter().map(|(_, role)| role).collect();
    assert_eq!(roles, ["admin", "owner"]);
    expect_problem(scene.send(&scene.owner, Method::POST, &path, &body).await, 403, "forbidden").await;
}

#[actix_web::test]
async fn handing_over_needs_a_fresh_login() {
    let scene = Scene::set().await;
    let ada = scene.member("ada@example.com", "member").await;
    let (path, body) = (scene.path("/transfer-ownership"), json!({"user_id": ada.id}));
    scene.fixture.clock.advance(Duration::from_secs(16 * 60));
    let form = json!({"refresh_token": scene.owner.refresh});
    let renewed = expect(scene.fixture.send("/api/v1/auth/refresh", &form).await, 200).await;
    let mut owner = scene.owner.clone();
    owner.access = renewed["access_token"].as_str().unwrap().to_owned();
    let stale = scene.send(&owner, Method::POST, &path, &body).await;
    expect_problem(stale, 403, "fresh_authentication_required").await;
    let owner = scene.fixture.log_in(&owner.email, PASSWORD).await;
    expect(scene.send(&owner, Method::POST, &path, &body).await, 200).await;
}
