//! A workspace's trail.

use super::scene::{actions, get, join, person, tell, walk};
use crate::fixture::{Fixture, Home, expect, expect_problem, fields};
use kernel::Role;
use reqwest::Method;
use serde_json::{Value, json};

fn path(home: &Home) -> String {
    format!("/api/v1/workspaces/{}/audit-logs", home.workspace)
}

async fn trail(fixture: &Fixture, home: &Home, query: &str) -> Vec<Value> {
    let page = expect(fixture.get(home, &format!("{}{query}", path(home))).await, 200).await;
    page["items"].as_array().unwrap().clone()
}

#[actix_web::test]
async fn an_admin_reads_what_happened_and_what_was_refused() {
    let fixture = Fixture::with_real_logins();
    let home = fixture.home().await;
    let member = person(&fixture, "bob").await;
    join(&fixture, &home, member.id, Role::Member).await;
    let before = trail(&fixture, &home, "").await;
    assert_eq!(before.last().unwrap()["action"], "workspace.created");

    let request = fixture.by(&member, Method::GET, &path(&home)).header("user-agent", "=1+1");
    let refused = request.send().await.unwrap();
    let correlation_id = refused.headers()["x-correlation-id"].to_str().unwrap().to_owned();
    expect_problem(refused, 403, "forbidden").await;

    let after = trail(&fixture, &home, "").await;
    assert_eq!(after[1..], before, "the reading itself is no fact");
    assert_eq!(
        after[0],
        json!({
            "id": after[0]["id"],
            "number": before.len() + 1,
            "action": "access.denied",
            "actor": {"kind": "user", "id": member.id},
            "subject": {"kind": "workspace", "id": home.workspace},
            "workspace_id": home.workspace,
            "user_id": null,
            "payload": {
                "operation": "GET /api/v1/workspaces/{workspace_id}/audit-logs",
                "code": "forbidden",
                "reason": "this needs the role admin",
            },
            "address": "127.0.0.1",
            "user_agent": "=1+1",
            "correlation_id": correlation_id,
            "occurred_at": "2026-03-02T09:00:00Z",
        })
    );
}

#[actix_web::test]
async fn every_refused_change_is_in_the_trail_by_the_template_of_its_route() {
    let fixture = Fixture::with_real_logins();
    let home = fixture.home().await;
    let member = person(&fixture, "bob").await;
    join(&fixture, &home, member.id, Role::Member).await;
    let rename = fixture.by(&member, Method::PUT, &format!("/api/v1/workspaces/{}", home.workspace));
    expect_problem(rename.json(&json!({"name": "Mine"})).send().await.unwrap(), 403, "forbidden").await;
    let denied = trail(&fixture, &home, "?action=access.denied").await;
    assert_eq!(denied[0]["payload"]["operation"], "PUT /api/v1/workspaces/{workspace_id}");
    assert_eq!(denied.len(), 1);
}

#[actix_web::test]
async fn the_trail_is_walked_from_the_newest_fact_and_narrowed() {
    let fixture = Fixture::with_real_logins();
    let home = fixture.home().await;
    tell(&fixture, &home, 5).await;
    let whole = walk(&fixture, &home.token, &path(&home), 2).await;
    let numbers: Vec<u64> = whole.iter().map(|item| item["number"].as_u64().unwrap()).collect();
    assert_eq!(numbers, (1..=whole.len() as u64).rev().collect::<Vec<_>>());
    let thing = whole.iter().find(|item| item["action"] == "thing.happened").unwrap();
    let subject = thing["subject"]["id"].as_str().unwrap();
    for (query, expected) in [
        ("?action=workspace.".to_owned(), vec!["workspace.created"]),
        ("?action=workspace.created".to_owned(), vec!["workspace.created"]),
        ("?action=workspace".to_owned(), vec![]),
        (format!("?subject_id={subject}"), vec!["thing.happened"]),
        ("?subject_kind=thing".to_owned(), vec!["thing.happened"; 5]),
        (format!("?actor_id={}&action=thing.", home.user), vec!["thing.happened"; 5]),
        ("?from=2026-03-02T09:00:01Z".to_owned(), vec![]),
        ("?to=2026-03-02T09:00:00Z".to_owned(), vec![]),
        (
            "?from=2026-03-02T09:00:00Z&to=2026-03-02T09:00:01Z&subject_kind=workspace".to_owned(),
            vec!["council.seeded", "workspace.created"],
        ),
    ] {
        assert_eq!(actions(&trail(&fixture, &home, &query).await), expected, "{query}");
    }
}

#[actix_web::test]
async fn wrong_parameters_are_named_and_a_cursor_goes_on_under_its_filter_only() {
    let fixture = Fixture::with_real_logins();
    let home = fixture.home().await;
    let wrong = format!("{}?from=yesterday&actor_id=me&action=a%25&page=2", path(&home));
    let problem = expect_problem(fixture.get(&home, &wrong).await, 400, "invalid_query").await;
    let mut wrong: Vec<String> = fields(&problem).into_iter().map(|(pointer, _)| pointer).collect();
    wrong.sort();
    assert!(wrong.contains(&"page".to_owned()) && wrong.contains(&"actor_id".to_owned()), "{wrong:?}");
    for (name, value) in [("action", "a%25"), ("from", "yesterday"), ("subject_id", "7")] {
        let path = format!("{}?{name}={value}", path(&home));
        let problem = expect_problem(fixture.get(&home, &path).await, 400, "invalid_query").await;
        assert_eq!(fields(&problem)[0].0, name);
    }
    tell(&fixture, &home, 3).await;
    let page = expect(fixture.get(&home, &format!("{}?limit=1", path(&home))).await, 200).await;
    let cursor = page["next_cursor"].as_str().unwrap();
    let elsewhere = format!("{}?limit=1&action=thing.&cursor={cursor}", path(&home));
    expect_problem(fixture.get(&home, &elsewhere).await, 400, "cursor_invalid").await;
}

#[actix_web::test]
async fn a_stranger_learns_and_leaves_nothing() {
    let fixture = Fixture::with_real_logins();
    let (home, other) = (fixture.home().await, fixture.home().await);
    let before = trail(&fixture, &home, "").await;
    let foreign = expect_problem(fixture.get(&other, &path(&home)).await, 404, "not_found").await;
    let unknown = format!("/api/v1/workspaces/{}/audit-logs", uuid::Uuid::nil());
    let unknown = expect_problem(fixture.get(&other, &unknown).await, 404, "not_found").await;
    assert_eq!((&foreign["title"], &foreign["detail"]), (&unknown["title"], &unknown["detail"]));
    let anonymous = fixture.anonymous(Method::GET, &path(&home)).send().await.unwrap();
    expect_problem(anonymous, 401, "unauthenticated").await;
    assert_eq!(trail(&fixture, &home, "").await, before);
    let admin = person(&fixture, "carol").await;
    join(&fixture, &home, admin.id, Role::Admin).await;
    expect(get(&fixture, &admin, &path(&home)).await, 200).await;
}
