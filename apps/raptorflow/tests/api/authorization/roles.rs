//! Each role at each route: who may gets the status that the row says, who may not gets 403.

use super::routes::{Route, routes};
use super::scene::{Scene, body_of, call, nowhere};
use crate::fixture::Fixture;
use crate::fixture::logins::Member;
use serde_json::Value;
use std::time::Duration;

/// Status and code of an answer.
async fn answer(request: reqwest::RequestBuilder) -> (u16, String) {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let body: Value = serde_json::from_str(&body_of(response).await).unwrap_or_default();
    (status, body["code"].as_str().unwrap_or_default().to_owned())
}

/// Every role, from the lowest, with whether it may.
fn roles<'s>(scene: &'s Scene, route: &Route) -> [(&'static str, &'s Member, bool); 3] {
    let rank =
        |name: &str| ["user", "member", "admin", "owner", "platform_admin"].iter().position(|n| *n == name);
    let may = |role: &str| rank(role) >= rank(&route.access);
    [
        ("member", &scene.member, may("member")),
        ("admin", &scene.admin, may("admin")),
        ("owner", &scene.owner, may("owner")),
    ]
}

#[tokio::test]
async fn each_role_may_do_what_is_documented_and_nothing_else() {
    let mut wrong = Vec::new();
    for route in routes().iter().filter(|route| !route.is_open()) {
        let fixture = Fixture::with_real_logins();
        for round in 0..3 {
            // A call may change the scene: each role gets its own.
            let scene = Scene::new(&fixture, &format!("scene{round}")).await;
            let (role, person, may) = roles(&scene, route)[round];
            let request = call(&fixture, route, scene.workspace, &nowhere).bearer_auth(&person.access);
            let (status, code) = answer(request).await;
            let allowed = if role == "owner" { route.row.owner } else { route.row.allowed };
            let fine = if may { status == allowed } else { (status, code.as_str()) == (403, "forbidden") };
            if !fine {
                let expected = if may { allowed } else { 403 };
                wrong.push(format!("{} as {role}: {status} {code}, not {expected}", route.operation));
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong answers:\n{}", wrong.len(), wrong.join("\n"));
}

#[tokio::test]
async fn nobody_gets_in_without_a_token_or_with_one_that_has_expired_or_ended() {
    let fixture = Fixture::with_real_logins();
    let scene = Scene::new(&fixture, "scene").await;
    let expired = scene.owner.access.clone();
    fixture.clock.advance(Duration::from_secs(16 * 60));
    let ended = fixture.log_in(&scene.owner.email, crate::fixture::logins::PASSWORD).await;
    let out = fixture.by(&ended, reqwest::Method::POST, "/api/v1/auth/logout").send().await.unwrap();
    assert_eq!(out.status(), 204);
    let mut wrong = Vec::new();
    for route in routes().iter().filter(|route| !route.is_open()) {
        let bare = || call(&fixture, route, scene.workspace, &nowhere);
        for (what, request) in [
            ("no token", bare()),
            ("an expired token", bare().bearer_auth(&expired)),
            ("a token of an ended session", bare().bearer_auth(&ended.access)),
            ("a refresh token", bare().bearer_auth(&ended.refresh)),
            ("nonsense", bare().bearer_auth("nonsense")),
            ("a made-up key", bare().header("X-API-Key", "rf_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")),
        ] {
            let response = request.send().await.unwrap();
            let challenge = response.headers().contains_key("www-authenticate");
            if response.status() != 401 || !challenge {
                wrong.push(format!("{} with {what}: {}", route.operation, response.status()));
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong answers:\n{}", wrong.len(), wrong.join("\n"));
}
