//! The platform's trail.

use super::scene::{actions, administrator, get, person, tell, walk};
use crate::fixture::{Fixture, expect_problem};
use reqwest::Method;
use serde_json::json;

const PATH: &str = "/api/v1/audit-logs";

#[actix_web::test]
async fn an_administrator_reads_everybodys_trail() {
    let fixture = Fixture::with_real_logins();
    let (home, admin) = (fixture.home().await, administrator(&fixture, "root").await);
    tell(&fixture, &home, 3).await;
    let all = walk(&fixture, &admin.access, PATH, 4).await;
    let mut ids: Vec<&str> = all.iter().map(|item| item["id"].as_str().unwrap()).collect();
    assert!(ids.is_sorted_by(|a, b| a > b), "the newest first");
    ids.dedup();
    assert_eq!(ids.len(), all.len());
    for action in ["user.signed_up", "session.started", "workspace.created", "thing.happened"] {
        assert!(actions(&all).contains(&action), "{action}");
    }

    let path = format!("{PATH}?workspace_id={}&action=thing.", home.workspace);
    let things = walk(&fixture, &admin.access, &path, 2).await;
    assert_eq!(actions(&things), ["thing.happened"; 3]);
    let own = walk(&fixture, &admin.access, &format!("{PATH}?user_id={}", admin.id), 2).await;
    assert!(own.iter().all(|item| item["user_id"] == json!(admin.id) && item["workspace_id"].is_null()));
    assert_eq!(actions(&own).last(), Some(&"user.signed_up"));
    let none = format!("{PATH}?workspace_id={}&user_id={}", home.workspace, admin.id);
    assert!(walk(&fixture, &admin.access, &none, 2).await.is_empty());
}

#[actix_web::test]
async fn a_failed_login_is_in_the_trail_of_whom_it_was_tried_on() {
    let fixture = Fixture::with_real_logins();
    let (victim, admin) = (person(&fixture, "ada").await, administrator(&fixture, "root").await);
    let form = json!({"email": victim.email, "password": "a wrong password"});
    expect_problem(fixture.send("/api/v1/auth/login", &form).await, 401, "invalid_credentials").await;
    fixture.work().await;
    let path = format!("{PATH}?user_id={}&action=session.login_failed", victim.id);
    let failed = walk(&fixture, &admin.access, &path, 10).await;
    assert_eq!(failed.len(), 1);
    assert_eq!(
        (&failed[0]["actor"]["kind"], &failed[0]["address"]),
        (&json!("anonymous"), &json!("127.0.0.1"))
    );
}

#[actix_web::test]
async fn nobody_else_reads_it_whatever_they_own() {
    let fixture = Fixture::with_real_logins();
    let home = fixture.home().await;
    let own = format!("{PATH}?workspace_id={}", home.workspace);
    for path in [PATH, own.as_str()] {
        expect_problem(fixture.get(&home, path).await, 403, "forbidden").await;
    }
    expect_problem(fixture.anonymous(Method::GET, PATH).send().await.unwrap(), 401, "unauthenticated").await;
    let admin = administrator(&fixture, "root").await;
    let wrong = format!("{PATH}?workspace_id=mine");
    expect_problem(get(&fixture, &admin, &wrong).await, 400, "invalid_query").await;
}

#[actix_web::test]
async fn a_cursor_is_bound_to_the_workspace_that_it_was_narrowed_to() {
    let fixture = Fixture::with_real_logins();
    let (home, admin) = (fixture.home().await, administrator(&fixture, "root").await);
    tell(&fixture, &home, 3).await;
    let page = get(&fixture, &admin, &format!("{PATH}?limit=1&workspace_id={}", home.workspace)).await;
    let page: serde_json::Value = page.json().await.unwrap();
    let cursor = page["next_cursor"].as_str().unwrap();
    let elsewhere = get(&fixture, &admin, &format!("{PATH}?limit=1&cursor={cursor}")).await;
    expect_problem(elsewhere, 400, "cursor_invalid").await;
}
