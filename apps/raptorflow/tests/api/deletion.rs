//! Deleting a workspace over HTTP: who may, and what is left.

use crate::fixture::{Fixture, Home, expect, expect_problem, logins::PASSWORD};
use kernel::PageRequest;
use reqwest::{Method, Response};
use serde_json::json;
use std::time::Duration;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn path(home: &Home) -> String {
    format!("/api/v1/workspaces/{}", home.workspace)
}

async fn delete(fixture: &Fixture, who: &Home, whose: &Home, seen: Option<&str>) -> Response {
    let request = fixture.call(who, Method::DELETE, &path(whose));
    seen.into_iter().fold(request, |request, tag| request.header("if-match", tag)).send().await.unwrap()
}

#[actix_web::test]
async fn a_deleted_workspace_is_gone_at_once_and_forgotten_after_thirty_days() {
    let fixture = Fixture::with_real_logins();
    let home = fixture.home().await;
    let body = json!({"name": "CI", "scopes": ["workspaces:read"]});
    let issued = expect(fixture.post(&home, &format!("{}/api-keys", path(&home)), &body).await, 201).await;
    let by_key = async || {
        let request = fixture.anonymous(Method::GET, &path(&home));
        request.header("x-api-key", issued["key"].as_str().unwrap()).send().await.unwrap()
    };
    expect(by_key().await, 200).await;

    expect_problem(delete(&fixture, &home, &home, Some("\"7\"")).await, 412, "stale_version").await;
    assert_eq!(delete(&fixture, &home, &home, Some("\"1\"")).await.status(), 204);
    expect_problem(by_key().await, 401, "unauthenticated").await;
    for _ in 0..2 {
        let read = expect_problem(fixture.get(&home, &path(&home)).await, 404, "not_found").await;
        let unknown = "/api/v1/workspaces/00000000-0000-0000-0000-000000000007";
        let unknown = expect_problem(fixture.get(&home, unknown).await, 404, "not_found").await;
        assert_eq!((&read["detail"], &read["title"]), (&unknown["detail"], &unknown["title"]));
        let list = expect(fixture.get(&home, "/api/v1/workspaces").await, 200).await;
        assert_eq!(list["items"], json!([]));
        expect_problem(fixture.get(&home, "/api/v1/campaigns/list").await, 404, "no_workspace").await;
        expect_problem(delete(&fixture, &home, &home, None).await, 404, "not_found").await;
        fixture.work().await;
    }

    let keys = async || {
        let rows = fixture.services.api_keys.list(&home.scope, &PageRequest::default()).await;
        rows.unwrap().items.len()
    };
    assert_eq!(keys().await, 1, "its rows wait");
    fixture.clock.advance(30 * DAY - Duration::from_secs(1));
    fixture.work().await;
    assert_eq!(keys().await, 1);
    fixture.clock.advance(Duration::from_secs(1));
    fixture.work().await;
    assert_eq!(keys().await, 0, "its rows are gone");
}

#[actix_web::test]
async fn only_an_owner_who_has_just_logged_in_deletes() {
    let fixture = Fixture::with_real_logins();
    let (home, stranger) = (fixture.home().await, fixture.home().await);
    expect_problem(delete(&fixture, &stranger, &home, None).await, 404, "not_found").await;
    let nobody = fixture.anonymous(Method::DELETE, &path(&home)).send().await.unwrap();
    expect_problem(nobody, 401, "unauthenticated").await;
    let scopes: Vec<String> = kernel::KeyScope::all().map(|scope| scope.to_string()).collect();
    let body = json!({"name": "CI", "scopes": scopes});
    let issued = expect(fixture.post(&home, &format!("{}/api-keys", path(&home)), &body).await, 201).await;
    let by_key =
        fixture.anonymous(Method::DELETE, &path(&home)).header("x-api-key", issued["key"].as_str().unwrap());
    expect_problem(by_key.send().await.unwrap(), 403, "api_key_not_accepted").await;

    assert_eq!(expect(fixture.get(&home, &path(&home)).await, 200).await["version"], 1, "nothing was done");
}

#[actix_web::test]
async fn a_session_that_was_only_refreshed_does_not_delete() {
    let fixture = Fixture::with_real_logins();
    let mut ada = fixture.member("ada@example.com").await;
    let made = fixture.by(&ada, Method::POST, "/api/v1/workspaces").json(&json!({"name": "Acme"}));
    let made = expect(made.send().await.unwrap(), 201).await;
    let path = format!("/api/v1/workspaces/{}", made["id"].as_str().unwrap());

    fixture.clock.advance(Duration::from_secs(10 * 60));
    let refreshed = fixture.send("/api/v1/auth/refresh", &json!({"refresh_token": ada.refresh})).await;
    ada.access = expect(refreshed, 200).await["access_token"].as_str().unwrap().to_owned();
    fixture.clock.advance(Duration::from_secs(5 * 60 + 1));
    let late = fixture.by(&ada, Method::DELETE, &path).send().await.unwrap();
    expect_problem(late, 403, "fresh_authentication_required").await;
    expect(fixture.by(&ada, Method::GET, &path).send().await.unwrap(), 200).await;

    let ada = fixture.log_in("ada@example.com", PASSWORD).await;
    assert_eq!(fixture.by(&ada, Method::DELETE, &path).send().await.unwrap().status(), 204);
}
