//! Letting in, changing roles, putting out.

use super::scene::Scene;
use crate::fixture::{expect, expect_problem, fields, logins::Member};
use reqwest::Method;
use serde_json::{Value, json};

#[actix_web::test]
async fn an_account_becomes_a_member_and_everybody_else_is_invited() {
    let scene = Scene::set().await;
    let ada = scene.fixture.member("ada@example.com").await;
    let path = scene.path("/members");
    let body = json!({"email": "ADA@example.com", "role": "admin"});
    let added = expect(scene.send(&scene.owner, Method::POST, &path, &body).await, 201).await;
    let whole = json!({"user_id": ada.id, "email": "ada@example.com", "display_name": "Ada Lovelace",
        "role": "admin", "joined_at": "2026-03-02T09:00:00Z"});
    assert_eq!(added, whole);
    let again = scene.send(&scene.owner, Method::POST, &path, &body).await;
    expect_problem(again, 409, "already_member").await;
    let me = expect(scene.bare(&ada, Method::GET, "/api/v1/auth/me").await, 200).await;
    assert_eq!(me["memberships"][0]["workspace_id"], json!(scene.workspace));

    let body = json!({"email": "New@example.com", "role": "member"});
    let invited = expect(scene.send(&ada, Method::POST, &path, &body).await, 202).await;
    assert_eq!((&invited["email"], &invited["status"]), (&json!("New@example.com"), &json!("open")));
    assert_eq!(invited["invited_by"], json!(ada.id));
    let again = scene.send(&ada, Method::POST, &path, &body).await;
    expect_problem(again, 409, "already_invited").await;
    scene.invited_by_mail("New@example.com").await;

    let bob = scene.fixture.member("bob@example.com").await;
    let body = json!({"user_id": bob.id, "role": "member"});
    expect(scene.send(&ada, Method::POST, &path, &body).await, 201).await;
    assert_eq!(scene.roles().await.len(), 3);
}

#[actix_web::test]
async fn what_is_wrong_with_a_new_member_is_told() {
    let scene = Scene::set().await;
    let path = scene.path("/members");
    let admin = scene.member("admin@example.com", "admin").await;
    let member = scene.member("member@example.com", "member").await;
    for (body, found) in [
        (json!({"role": "member"}), vec![("/email", "required"), ("/user_id", "required")]),
        (
            json!({"email": "a@example.com", "user_id": admin.id, "role": "member"}),
            vec![("/email", "exclusive"), ("/user_id", "exclusive")],
        ),
        (json!({"email": "nobody", "role": "member"}), vec![("/email", "not_an_email_address")]),
        (json!({"email": "a@example.com", "role": "onwer"}), vec![("/role", "unknown_value")]),
        (json!({"email": "a@example.com"}), vec![("/role", "required")]),
        (json!({"user_id": "seven", "role": "member"}), vec![("/user_id", "invalid_format")]),
        (
            json!({"email": "a@example.com", "role": "member", "is_admin": true}),
            vec![("/is_admin", "unknown_field")],
        ),
    ] {
        let problem =
            expect_problem(scene.send(&scene.owner, Method::POST, &path, &body).await, 422, "invalid").await;
        let found: Vec<_> = found.into_iter().map(|(p, c)| (p.to_owned(), c.to_owned())).collect();
        assert_eq!(fields(&problem), found, "{body}");
    }
    let body = json!({"email": "a@example.com", "role": "member"});
    expect_problem(scene.send(&member, Method::POST, &path, &body).await, 403, "forbidden").await;
    let body = json!({"email": "a@example.com", "role": "owner"});
    expect_problem(scene.send(&admin, Method::POST, &path, &body).await, 403, "forbidden").await;
    let body = json!({"user_id": scene.workspace, "role": "member"});
    expect_problem(scene.send(&admin, Method::POST, &path, &body).await, 404, "not_found").await;
    let stranger = scene.stranger().await;
    let body = json!({"email": "a@example.com", "role": "member"});
    expect_problem(scene.fixture.post(&stranger, &path, &body).await, 404, "not_found").await;
    assert_eq!(scene.fixture.send(&path, &body).await.status(), 401);
}

#[actix_web::test]
async fn a_repeated_request_has_one_effect() {
    let scene = Scene::set().await;
    scene.fixture.member("ada@example.com").await;
    let path = scene.path("/members");
    let add = async |email: &str| {
        let request = scene.fixture.by(&scene.owner, Method::POST, &path).header("idempotency-key", "k");
        request.json(&json!({"email": email, "role": "member"})).send().await.unwrap()
    };
    let first = expect(add("ada@example.com").await, 201).await;
    assert_eq!(expect(add("ada@example.com").await, 201).await, first);
    expect_problem(add("bob@example.com").await, 422, "idempotency_key_reused").await;
}

#[actix_web::test]
async fn roles_change_by_the_rules_and_the_last_owner_stays() {
    let scene = Scene::set().await;
    let admin = scene.member("admin@example.com", "admin").await;
    let member = scene.member("member@example.com", "member").await;
    let change = async |by, whom, role: &str| {
        scene.send(by, Method::PATCH, &scene.of(whom), &json!({"role": role})).await
    };
    let changed: Value = expect(change(&admin, &member, "admin").await, 200).await;
    let seen = (&changed["user_id"], &changed["role"], &changed["email"]);
    assert_eq!(seen, (&json!(member.id), &json!("admin"), &json!("member@example.com")));
    expect_problem(change(&admin, &scene.owner, "member").await, 403, "forbidden").await;
    expect_problem(change(&admin, &member, "owner").await, 403, "forbidden").await;
    expect_problem(change(&scene.owner, &scene.owner, "admin").await, 409, "last_owner").await;
    expect(change(&scene.owner, &admin, "owner").await, 200).await;
    expect(change(&admin, &scene.owner, "member").await, 200).await;
    expect_problem(change(&scene.owner, &admin, "member").await, 403, "forbidden").await;
    let roles: Vec<_> = scene.roles().await.into_iter().map(|(_, role)| role).collect();
    assert_eq!(roles, ["member", "owner", "admin"]);

    let wrong = expect_problem(change(&admin, &member, "boss").await, 422, "invalid").await;
    assert_eq!(fields(&wrong), [("/role".to_owned(), "unknown_value".to_owned())]);
    let nobody = scene.path(&format!("/members/{}", scene.workspace));
    let body = json!({"role": "member"});
    expect_problem(scene.send(&admin, Method::PATCH, &nobody, &body).await, 404, "not_found").await;
    let no_id = scene.path("/members/seven");
    expect_problem(scene.send(&admin, Method::PATCH, &no_id, &body).await, 400, "invalid_path").await;
}

#[actix_web::test]
async fn members_leave_and_are_put_out() {
    let scene = Scene::set().await;
    let admin = scene.member("admin@example.com", "admin").await;
    let member = scene.member("member@example.com", "member").await;
    let other = scene.member("other@example.com", "member").await;
    let remove = async |by, whom| scene.bare(by, Method::DELETE, &scene.of(whom)).await;
    expect_problem(remove(&member, &other).await, 403, "forbidden").await;
    expect_problem(remove(&admin, &scene.owner).await, 403, "forbidden").await;
    expect_problem(remove(&scene.owner, &scene.owner).await, 409, "last_owner").await;
    assert_eq!(remove(&member, &member).await.status(), 204);
    assert_eq!(remove(&admin, &other).await.status(), 204);
    expect_problem(remove(&admin, &other).await, 404, "not_found").await;
    for gone in [&member, &other] {
        expect_problem(scene.bare(gone, Method::GET, &scene.path("")).await, 404, "not_found").await;
    }
    assert_eq!(scene.roles().await.len(), 2);
}

/// A key that this member makes, which may see and change the workspace.
async fn key_of(scene: &Scene, member: &Member) -> String {
    let body = json!({"name": "CI", "scopes": ["workspaces:read", "workspaces:write"]});
    let made = expect(scene.send(member, Method::POST, &scene.path("/api-keys"), &body).await, 201).await;
    made["key"].as_str().unwrap().to_owned()
}

#[actix_web::test]
async fn a_key_can_do_no_more_than_its_maker_may_now() {
    let scene = Scene::set().await;
    let admin = scene.member("admin@example.com", "admin").await;
    let key = key_of(&scene, &admin).await;
    let by_key = |method| scene.fixture.anonymous(method, &scene.path("")).header("x-api-key", &key);
    let rename = async |name: &str| by_key(Method::PUT).json(&json!({"name": name})).send().await.unwrap();
    expect(rename("Before").await, 200).await;
    let demoted = json!({"role": "member"});
    expect(scene.send(&scene.owner, Method::PATCH, &scene.of(&admin), &demoted).await, 200).await;
    expect_problem(rename("After").await, 403, "forbidden").await;
    assert_eq!(expect(by_key(Method::GET).send().await.unwrap(), 200).await["name"], "Before");
    assert_eq!(scene.bare(&scene.owner, Method::DELETE, &scene.of(&admin)).await.status(), 204);
    expect_problem(by_key(Method::GET).send().await.unwrap(), 401, "unauthenticated").await;
}
