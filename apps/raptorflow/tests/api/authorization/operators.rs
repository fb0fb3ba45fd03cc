//! The operators' routes: open in development; in production for whoever holds the token, and for nobody without one.

use super::routes::{Route, routes};
use super::scene::{Scene, body_of, call, nowhere};
use crate::fixture::Fixture;
use kernel::KeyScope;
use raptorflow::http::operator::OperatorAccess;
use reqwest::RequestBuilder;
use serde_json::Value;

const TOKEN: &str = "operator-0123456789abcdefghijklmnop";

fn operators() -> Vec<Route> {
    let operators: Vec<_> = routes().into_iter().filter(|route| route.access == "operator").collect();
    assert!(!operators.is_empty());
    operators
}

fn run_for(operator: OperatorAccess) -> Fixture {
    Fixture::run_for(operator, true, |standings| memory::Store::default().with_revocations(standings))
}

/// Status, code, and whether the answer challenges.
async fn answer(request: RequestBuilder) -> (u16, String, bool) {
    let response = request.send().await.unwrap();
    let (status, challenge) =
        (response.status().as_u16(), response.headers().contains_key("www-authenticate"));
    let body: Value = serde_json::from_str(&body_of(response).await).unwrap_or_default();
    (status, body["code"].as_str().unwrap_or_default().to_owned(), challenge)
}

/// A call by nobody, and calls by everybody who is no operator.
async fn others(fixture: &Fixture, route: &Route) -> Vec<(&'static str, RequestBuilder)> {
    let scene = Scene::new(fixture, "scene").await;
    let scopes: Vec<String> = KeyScope::all().map(|scope| scope.to_string()).collect();
    let key = scene.key(fixture, &scopes).await;
    let bare = || call(fixture, route, scene.workspace, &nowhere);
    vec![
        ("nobody", bare()),
        ("a member", bare().bearer_auth(&scene.member.access)),
        ("an owner", bare().bearer_auth(&scene.owner.access)),
        ("a program", bare().header("X-API-Key", key)),
        ("the token as a key", bare().header("X-API-Key", TOKEN)),
        ("the token in another scheme", bare().header("Authorization", format!("Basic {TOKEN}"))),
        ("the beginning of the token", bare().bearer_auth(&TOKEN[..20])),
        ("the token and more", bare().bearer_auth(format!("{TOKEN}x"))),
    ]
}

#[tokio::test]
async fn in_development_they_are_open() {
    let fixture = run_for(OperatorAccess::Everybody);
    for route in operators() {
        assert_eq!(answer(call(&fixture, &route, super::scene::NOWHERE, &nowhere)).await.0, 200);
    }
}

#[tokio::test]
async fn in_production_the_token_opens_them_and_nothing_else() {
    let fixture = run_for(OperatorAccess::Holder(TOKEN.into()));
    for (index, route) in operators().iter().enumerate() {
        if index > 0 {
            // A scene's people sign up once.
            continue;
        }
        for (who, request) in others(&fixture, route).await {
            assert_eq!(answer(request).await, (401, "unauthenticated".to_owned(), true), "{who}");
        }
    }
    for route in operators() {
        let bare = call(&fixture, &route, super::scene::NOWHERE, &nowhere);
        assert_eq!(answer(bare).await.0, 401, "{}", route.operation);
        let shown = call(&fixture, &route, super::scene::NOWHERE, &nowhere).bearer_auth(TOKEN);
        assert_eq!(answer(shown).await.0, 200, "{}", route.operation);
    }
}

#[tokio::test]
async fn in_production_without_a_token_they_are_closed_to_everybody() {
    let fixture = run_for(OperatorAccess::Nobody);
    let operators = operators();
    for (who, request) in others(&fixture, &operators[0]).await {
        assert_eq!(answer(request).await, (403, "operator_token_not_set".to_owned(), false), "{who}");
    }
    for route in &operators {
        let shown = call(&fixture, route, super::scene::NOWHERE, &nowhere).bearer_auth(TOKEN);
        assert_eq!(answer(shown).await.0, 403, "{}", route.operation);
    }
}
