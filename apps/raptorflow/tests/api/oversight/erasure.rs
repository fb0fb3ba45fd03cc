//! A person goes, and what is held of them with them.

use super::scene::{actions, administrator, get, join, person, walk};
use crate::fixture::logins::{Member, PASSWORD};
use crate::fixture::{Fixture, Home, expect, expect_problem};
use kernel::Role;
use reqwest::{Method, Response};
use serde_json::{Value, json};
use std::time::Duration;

const ME: &str = "/api/v1/users/me";

async fn erase_me(fixture: &Fixture, home: &Home) -> Response {
    fixture.call(home, Method::DELETE, ME).send().await.unwrap()
}

async fn erase(fixture: &Fixture, by: &Member, of: &Member) -> Response {
    fixture.by(by, Method::DELETE, &format!("/api/v1/users/{}", of.id)).send().await.unwrap()
}

async fn gone(response: Response) {
    let (status, body) = (response.status(), response.text().await.unwrap());
    assert_eq!((status.as_u16(), body.as_str()), (204, ""));
}

async fn seen_by(fixture: &Fixture, admin: &Member, id: impl std::fmt::Display) -> Value {
    expect(get(fixture, admin, &format!("/api/v1/users/{id}")).await, 200).await
}

#[actix_web::test]
async fn who_goes_is_gone_at_once_and_emptied_soon() {
    let fixture = Fixture::with_real_logins();
    let (home, admin) = (fixture.home().await, administrator(&fixture, "root").await);
    let email = seen_by(&fixture, &admin, home.user).await["email"].as_str().unwrap().to_owned();
    gone(erase_me(&fixture, &home).await).await;

    expect_problem(fixture.get(&home, "/api/v1/auth/me").await, 401, "unauthenticated").await;
    let form = json!({"email": email, "password": PASSWORD});
    let login = fixture.send("/api/v1/auth/login", &form).await;
    expect_problem(login, 401, "invalid_credentials").await;
    fixture.work().await;

    let left = seen_by(&fixture, &admin, home.user).await;
    assert_eq!(left["email"], format!("erased-{}@erased.invalid", home.user));
    assert_eq!((&left["status"], &left["display_name"]), (&json!("deleted"), &Value::Null));
    assert_eq!((&left["email_verified"], &left["platform_role"]), (&json!(false), &json!("user")));
    let own = format!("/api/v1/audit-logs?user_id={}", home.user);
    let trail = walk(&fixture, &admin.access, &own, 100).await;
    assert_eq!(actions(&trail)[0], "user.erased");
    assert!(actions(&trail).contains(&"user.deleted") && actions(&trail).contains(&"user.signed_up"));
    assert!(trail.iter().all(|fact| fact["address"].is_null() && fact["user_agent"].is_null()), "{trail:?}");
    let workspace = format!("/api/v1/audit-logs?workspace_id={}", home.workspace);
    let trail = walk(&fixture, &admin.access, &workspace, 100).await;
    assert!(actions(&trail).contains(&"workspace.deleted"), "nobody else was in it");
    assert!(trail.iter().all(|fact| fact["address"].is_null()));

    let anew = fixture.member(&email).await;
    assert_ne!(anew.id, home.user, "the address is free for somebody new");
}

#[actix_web::test]
async fn a_member_leaves_a_workspace_and_nothing_there_names_them() {
    let fixture = Fixture::with_real_logins();
    let (home, bob) = (fixture.home().await, person(&fixture, "bob").await);
    join(&fixture, &home, bob.id, Role::Admin).await;
    gone(fixture.by(&bob, Method::DELETE, ME).send().await.unwrap()).await;
    fixture.work().await;
    let members = format!("/api/v1/workspaces/{}/members", home.workspace);
    let members = expect(fixture.get(&home, &members).await, 200).await;
    assert_eq!(members["items"].as_array().unwrap().len(), 1);
    let trail = format!("/api/v1/workspaces/{}/audit-logs?action=workspace.", home.workspace);
    let trail = expect(fixture.get(&home, &trail).await, 200).await;
    assert_eq!(trail["items"][0]["action"], "workspace.member_removed");
    assert!(!trail.to_string().contains("bob"));
}

#[actix_web::test]
async fn a_sole_owner_with_colleagues_hands_over_first() {
    let fixture = Fixture::with_real_logins();
    let (home, bob) = (fixture.home().await, person(&fixture, "bob").await);
    let carol = person(&fixture, "carol").await;
    join(&fixture, &home, bob.id, Role::Admin).await;
    let refused = expect_problem(erase_me(&fixture, &home).await, 409, "sole_owner").await;
    assert_eq!(refused["workspaces"], json!([{"id": home.workspace, "name": "Acme"}]));
    expect(fixture.get(&home, "/api/v1/auth/me").await, 200).await;
    join(&fixture, &home, carol.id, Role::Owner).await;
    gone(erase_me(&fixture, &home).await).await;
    fixture.work().await;
    let members = format!("/api/v1/workspaces/{}/members", home.workspace);
    let members = expect(get(&fixture, &carol, &members).await, 200).await;
    let roles: Vec<_> = members["items"].as_array().unwrap().iter().map(|m| m["role"].as_str()).collect();
    assert_eq!(roles, [Some("admin"), Some("owner")]);
}

#[actix_web::test]
async fn who_joins_in_between_inherits_what_would_have_no_owner() {
    let fixture = Fixture::with_real_logins();
    let (home, bob) = (fixture.home().await, person(&fixture, "bob").await);
    let carol = person(&fixture, "carol").await;
    gone(erase_me(&fixture, &home).await).await;
    join(&fixture, &home, carol.id, Role::Member).await;
    join(&fixture, &home, bob.id, Role::Admin).await;
    fixture.work().await;
    let workspace = expect(get(&fixture, &bob, &format!("/api/v1/workspaces/{}", home.workspace)).await, 200);
    assert_eq!(workspace.await["role"], "owner");
}

#[actix_web::test]
async fn an_old_login_is_not_enough() {
    let fixture = Fixture::with_real_logins();
    let ada = person(&fixture, "ada").await;
    fixture.clock.advance(Duration::from_secs(16 * 60));
    let refresh = json!({"refresh_token": ada.refresh});
    let pair = expect(fixture.send("/api/v1/auth/refresh", &refresh).await, 200).await;
    let stale = fixture.anonymous(Method::DELETE, ME).bearer_auth(pair["access_token"].as_str().unwrap());
    expect_problem(stale.send().await.unwrap(), 403, "fresh_authentication_required").await;
    let fresh = fixture.log_in(&ada.email, PASSWORD).await;
    gone(fixture.by(&fresh, Method::DELETE, ME).send().await.unwrap()).await;
    expect_problem(fixture.anonymous(Method::DELETE, ME).send().await.unwrap(), 401, "unauthenticated").await;
}

#[actix_web::test]
async fn an_administrator_erases_others_and_the_last_one_stays() {
    let fixture = Fixture::with_real_logins();
    let (admin, ada) = (administrator(&fixture, "root").await, person(&fixture, "ada").await);
    let bob = person(&fixture, "bob").await;
    expect_problem(erase(&fixture, &ada, &bob).await, 403, "forbidden").await;
    expect_problem(erase(&fixture, &admin, &admin).await, 409, "own_account").await;
    gone(erase(&fixture, &admin, &bob).await).await;
    expect_problem(erase(&fixture, &admin, &bob).await, 404, "not_found").await;
    expect_problem(get(&fixture, &bob, "/api/v1/auth/me").await, 401, "unauthenticated").await;
    fixture.work().await;
    assert_eq!(seen_by(&fixture, &admin, bob.id).await["status"], "deleted");
    let last = fixture.by(&admin, Method::DELETE, ME).send().await.unwrap();
    expect_problem(last, 409, "last_administrator").await;
    let second = administrator(&fixture, "second").await;
    gone(fixture.by(&admin, Method::DELETE, ME).send().await.unwrap()).await;
    expect(get(&fixture, &second, "/api/v1/users").await, 200).await;
}

#[actix_web::test]
async fn nothing_is_noted_of_a_login_that_is_tried_on_who_is_gone() {
    let fixture = Fixture::with_real_logins();
    let (admin, ada) = (administrator(&fixture, "root").await, person(&fixture, "ada").await);
    let wrong = json!({"email": ada.email, "password": "a wrong password"});
    expect_problem(fixture.send("/api/v1/auth/login", &wrong).await, 401, "invalid_credentials").await;
    gone(erase(&fixture, &admin, &ada).await).await;
    fixture.work().await;
    let own = format!("/api/v1/audit-logs?user_id={}&action=session.login_failed", ada.id);
    let failed = walk(&fixture, &admin.access, &own, 100).await;
    assert!(failed.iter().all(|fact| fact["address"].is_null()), "{failed:?}");
}
