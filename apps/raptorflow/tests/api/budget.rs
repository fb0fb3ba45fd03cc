//! The AI budget over HTTP.

use crate::fixture::{Fixture, Home, expect, expect_problem, fields};
use reqwest::{Method, Response};
use serde_json::{Value, json};

fn path(home: &Home) -> String {
    format!("/api/v1/workspaces/{}/budget", home.workspace)
}

async fn set(fixture: &Fixture, home: &Home, body: &Value, seen: Option<&str>) -> Response {
    let request = fixture.call(home, Method::PUT, &path(home)).json(body);
    seen.into_iter().fold(request, |request, tag| request.header("if-match", tag)).send().await.unwrap()
}

#[actix_web::test]
async fn the_owner_sets_a_limit_and_the_smallest_one_holds() {
    let fixture = Fixture::start();
    let home = fixture.home().await;
    let unset = fixture.get(&home, &path(&home)).await;
    assert_eq!(unset.headers()["etag"], "\"0\"");
    let expected = json!({"limit_usd": null, "default_usd": "50", "effective_usd": "50",
        "resets_at": "2026-04-01T00:00:00Z", "version": 0});
    assert_eq!(expect(unset, 200).await, expected);

    let lower = set(&fixture, &home, &json!({"limit_usd": "12.50"}), Some("\"0\"")).await;
    assert_eq!(lower.headers()["etag"], "\"1\"");
    let expected = json!({"limit_usd": "12.5", "default_usd": "50", "effective_usd": "12.5",
        "resets_at": "2026-04-01T00:00:00Z", "version": 1});
    assert_eq!(expect(lower, 200).await, expected);
    assert_eq!(expect(fixture.get(&home, &path(&home)).await, 200).await, expected);

    let higher = expect(set(&fixture, &home, &json!({"limit_usd": "80"}), None).await, 200).await;
    assert_eq!((&higher["limit_usd"], &higher["effective_usd"]), (&json!("80"), &json!("50")));
    let stale = set(&fixture, &home, &json!({"limit_usd": null}), Some("\"1\"")).await;
    expect_problem(stale, 412, "stale_version").await;
    let cleared = expect(set(&fixture, &home, &json!({"limit_usd": null}), Some("\"2\"")).await, 200).await;
    assert_eq!((&cleared["limit_usd"], &cleared["version"]), (&Value::Null, &json!(3)));
}

#[actix_web::test]
async fn a_wrong_limit_and_a_stranger_are_refused() {
    let fixture = Fixture::start();
    let (home, stranger) = (fixture.home().await, fixture.home().await);
    for (body, code) in [
        (json!({}), "required"),
        (json!({"limit_usd": 12.5}), "wrong_type"),
        (json!({"limit_usd": "-1"}), "invalid_format"),
        (json!({"limit_usd": "1e3"}), "invalid_format"),
        (json!({"limit_usd": "1000000.01"}), "too_large"),
    ] {
        let problem = expect_problem(set(&fixture, &home, &body, None).await, 422, "invalid").await;
        assert_eq!(fields(&problem), [("/limit_usd".to_owned(), code.to_owned())], "{body}");
    }
    for method in [Method::GET, Method::PUT] {
        let request = fixture.call(&stranger, method.clone(), &path(&home)).json(&json!({"limit_usd": "1"}));
        expect_problem(request.send().await.unwrap(), 404, "not_found").await;
        let request = fixture.anonymous(method, &path(&home)).json(&json!({"limit_usd": "1"}));
        expect_problem(request.send().await.unwrap(), 401, "unauthenticated").await;
    }
    let version = expect(fixture.get(&home, &path(&home)).await, 200).await["version"].clone();
    assert_eq!(version, 0, "nothing was changed");
}
