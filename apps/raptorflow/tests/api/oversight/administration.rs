//! Administering people, and what one person sees of another.

use super::scene::{actions, administrator, get, join, person, walk};
use crate::fixture::logins::{Member, PASSWORD};
use crate::fixture::{Fixture, expect, expect_problem, fields};
use kernel::Role;
use reqwest::{Method, Response};
use serde_json::{Value, json};

fn path(of: &Member) -> String {
    format!("/api/v1/users/{}", of.id)
}

async fn put(fixture: &Fixture, by: &Member, of: &Member, body: &Value) -> Response {
    fixture.by(by, Method::PUT, &path(of)).json(body).send().await.unwrap()
}

async fn log_in(fixture: &Fixture, who: &Member) -> Response {
    fixture.send("/api/v1/auth/login", &json!({"email": who.email, "password": PASSWORD})).await
}

fn whole(of: &Member, version: i32) -> Value {
    json!({
        "id": of.id,
        "email": of.email,
        "email_verified": true,
        "status": "active",
        "platform_role": "user",
        "display_name": "Ada Lovelace",
        "avatar_url": null,
        "job_title": null,
        "time_zone": null,
        "locale": null,
        "version": version,
        "created_at": "2026-03-02T09:00:00Z",
    })
}

#[actix_web::test]
async fn an_administrator_lists_and_searches_people() {
    let fixture = Fixture::with_real_logins();
    let admin = administrator(&fixture, "root").await;
    let (ada, bob) = (person(&fixture, "ada").await, person(&fixture, "bob").await);
    let all = walk(&fixture, &admin.access, "/api/v1/users", 2).await;
    let emails: Vec<_> = all.iter().map(|user| user["email"].as_str().unwrap()).collect();
    assert_eq!(emails, [&bob.email, &ada.email, &admin.email], "the newest account first");
    assert_eq!(all[1], whole(&ada, 2));
    let found = async |query: &str| {
        let users = walk(&fixture, &admin.access, &format!("/api/v1/users?{query}"), 10).await;
        users.iter().map(|user| user["email"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(found("q=ADA@exa").await, [ada.email.as_str()]);
    assert_eq!(found("q=lovelace").await.len(), 3);
    assert_eq!(found("q=%25").await, [""; 0]);
    assert_eq!(found("status=banned").await, [""; 0]);
    assert_eq!(found("q=b&status=active").await, [bob.email.as_str()]);
    let wrong = get(&fixture, &admin, "/api/v1/users?status=gone").await;
    expect_problem(wrong, 400, "invalid_query").await;
}

#[actix_web::test]
async fn a_person_is_whole_to_themselves_public_to_colleagues_and_unknown_to_strangers() {
    let fixture = Fixture::with_real_logins();
    let home = fixture.home().await;
    let (ada, stranger) = (person(&fixture, "ada").await, person(&fixture, "eve").await);
    join(&fixture, &home, ada.id, Role::Member).await;
    let response = get(&fixture, &ada, &path(&ada)).await;
    assert_eq!(response.headers()["etag"], "\"2\"");
    assert_eq!(expect(response, 200).await, whole(&ada, 2));
    let public = expect(fixture.get(&home, &path(&ada)).await, 200).await;
    let expected = json!({
        "id": ada.id, "display_name": "Ada Lovelace", "avatar_url": null, "job_title": null, "time_zone": null,
    });
    assert_eq!(public, expected);
    let foreign = expect_problem(get(&fixture, &stranger, &path(&ada)).await, 404, "not_found").await;
    let unknown = format!("/api/v1/users/{}", uuid::Uuid::nil());
    let unknown = expect_problem(get(&fixture, &stranger, &unknown).await, 404, "not_found").await;
    assert_eq!((&foreign["title"], &foreign["detail"]), (&unknown["title"], &unknown["detail"]));
    let anonymous = fixture.anonymous(Method::GET, &path(&ada)).send().await.unwrap();
    expect_problem(anonymous, 401, "unauthenticated").await;
    expect_problem(get(&fixture, &ada, "/api/v1/users/ada").await, 400, "invalid_path").await;
    let admin = administrator(&fixture, "root").await;
    assert_eq!(expect(get(&fixture, &admin, &path(&ada)).await, 200).await, whole(&ada, 2));
}

#[actix_web::test]
async fn a_ban_ends_every_session_at_once_and_holds_until_it_is_lifted() {
    let fixture = Fixture::with_real_logins();
    let (admin, ada) = (administrator(&fixture, "root").await, person(&fixture, "ada").await);
    let elsewhere = fixture.log_in(&ada.email, PASSWORD).await;
    let ban = json!({"status": "banned", "reason": "abuse"});
    let banned = expect(put(&fixture, &admin, &ada, &ban).await, 200).await;
    assert_eq!((&banned["status"], &banned["version"]), (&json!("banned"), &json!(3)));
    for session in [&ada, &elsewhere] {
        expect_problem(get(&fixture, session, "/api/v1/auth/me").await, 401, "unauthenticated").await;
        let refresh = json!({"refresh_token": session.refresh});
        let refused = fixture.send("/api/v1/auth/refresh", &refresh).await;
        expect_problem(refused, 401, "refresh_token_invalid").await;
    }
    expect_problem(log_in(&fixture, &ada).await, 403, "account_disabled").await;
    expect(put(&fixture, &admin, &ada, &ban).await, 200).await;

    let free = expect(put(&fixture, &admin, &ada, &json!({"status": "active"})).await, 200).await;
    assert_eq!((&free["status"], &free["version"]), (&json!("active"), &json!(4)));
    expect(log_in(&fixture, &ada).await, 200).await;
    let query = format!("/api/v1/audit-logs?user_id={}&actor_id={}", ada.id, admin.id);
    let trail = walk(&fixture, &admin.access, &query, 10).await;
    let mut told = actions(&trail);
    told.sort_unstable();
    assert_eq!(told, ["session.ended", "session.ended", "user.banned", "user.unbanned"], "once each");
    let ban = trail.iter().find(|fact| fact["action"] == "user.banned").unwrap();
    assert_eq!((&ban["payload"], &ban["subject"]["id"]), (&json!({"reason": "abuse"}), &json!(ada.id)));
}

#[actix_web::test]
async fn a_key_rests_while_its_maker_is_banned() {
    let fixture = Fixture::with_real_logins();
    let (admin, home) = (administrator(&fixture, "root").await, fixture.home().await);
    let place = format!("/api/v1/workspaces/{}", home.workspace);
    let new = json!({"name": "CI", "scopes": ["workspaces:read"]});
    let made = expect(fixture.post(&home, &format!("{place}/api-keys"), &new).await, 201).await;
    let key = made["key"].as_str().unwrap();
    let by_key =
        async || fixture.anonymous(Method::GET, &place).header("x-api-key", key).send().await.unwrap();
    let decide = async |decision: Value| {
        let path = format!("/api/v1/users/{}", home.user);
        let decided = fixture.by(&admin, Method::PUT, &path).json(&decision);
        expect(decided.send().await.unwrap(), 200).await
    };
    expect(by_key().await, 200).await;
    decide(json!({"status": "banned", "reason": "abuse"})).await;
    expect_problem(by_key().await, 401, "unauthenticated").await;
    decide(json!({"status": "active"})).await;
    expect(by_key().await, 200).await;
}

#[actix_web::test]
async fn a_role_and_a_name_are_changed_for_the_version_that_was_seen() {
    let fixture = Fixture::with_real_logins();
    let (admin, ada) = (administrator(&fixture, "root").await, person(&fixture, "ada").await);
    let change = json!({"platform_role": "admin", "display_name": " Ada "});
    let put_as = |tag: &'static str| {
        fixture.by(&admin, Method::PUT, &path(&ada)).header("if-match", tag).json(&change).send()
    };
    expect_problem(put_as("\"1\"").await.unwrap(), 412, "stale_version").await;
    let changed = put_as("\"2\"").await.unwrap();
    assert_eq!(changed.headers()["etag"], "\"3\"");
    let changed = expect(changed, 200).await;
    assert_eq!((&changed["platform_role"], &changed["display_name"]), (&json!("admin"), &json!("Ada")));
    expect(get(&fixture, &ada, "/api/v1/users").await, 200).await;
    let bare = expect(put(&fixture, &ada, &admin, &json!({"display_name": null})).await, 200).await;
    assert_eq!(bare["display_name"], Value::Null);
    let demoted = put(&fixture, &ada, &admin, &json!({"platform_role": "user"})).await;
    assert_eq!(expect(demoted, 200).await["platform_role"], "user");
    expect_problem(get(&fixture, &admin, "/api/v1/users").await, 403, "forbidden").await;
    let query = format!("/api/v1/audit-logs?user_id={}&action=user.platform_role_changed", admin.id);
    let told = walk(&fixture, &ada.access, &query, 10).await;
    assert_eq!(told[0]["payload"], json!({"from": "admin", "to": "user"}));
}

#[actix_web::test]
async fn nobody_shuts_out_or_demotes_themselves_and_nobody_else_decides() {
    let fixture = Fixture::with_real_logins();
    let (admin, ada) = (administrator(&fixture, "root").await, person(&fixture, "ada").await);
    for own in [json!({"status": "banned", "reason": "other"}), json!({"platform_role": "user"})] {
        expect_problem(put(&fixture, &admin, &admin, &own).await, 409, "own_account").await;
    }
    let ban = json!({"status": "banned", "reason": "other"});
    for of in [&admin, &ada] {
        expect_problem(put(&fixture, &ada, of, &ban).await, 403, "forbidden").await;
    }
    expect_problem(get(&fixture, &ada, "/api/v1/users").await, 403, "forbidden").await;
    let nobody = fixture.anonymous(Method::PUT, &path(&ada)).json(&ban).send().await.unwrap();
    expect_problem(nobody, 401, "unauthenticated").await;
    let unknown = format!("/api/v1/users/{}", uuid::Uuid::nil());
    let unknown = fixture.by(&admin, Method::PUT, &unknown).json(&ban).send().await.unwrap();
    expect_problem(unknown, 404, "not_found").await;
    assert_eq!(expect(get(&fixture, &ada, &path(&ada)).await, 200).await, whole(&ada, 2));
}

#[actix_web::test]
async fn everything_wrong_with_a_decision_is_named() {
    let fixture = Fixture::with_real_logins();
    let (admin, ada) = (administrator(&fixture, "root").await, person(&fixture, "ada").await);
    for (body, expected) in [
        (json!({"status": "banned"}), vec![("/reason", "required")]),
        (json!({"reason": "abuse"}), vec![("/reason", "not_allowed")]),
        (json!({"status": "active", "reason": "abuse"}), vec![("/reason", "not_allowed")]),
        (json!({"status": "deleted"}), vec![("/status", "unknown_value")]),
        (
            json!({"status": "banned", "display_name": "a\nb"}),
            vec![("/reason", "required"), ("/display_name", "forbidden_character")],
        ),
    ] {
        let problem = expect_problem(put(&fixture, &admin, &ada, &body).await, 422, "invalid").await;
        let found = fields(&problem);
        let expected: Vec<_> =
            expected.into_iter().map(|(at, code)| (at.to_owned(), code.to_owned())).collect();
        assert_eq!(found, expected, "{body}");
    }
    assert_eq!(expect(get(&fixture, &ada, &path(&ada)).await, 200).await, whole(&ada, 2));
}
