//! Inviting, looking, accepting, revoking.

use super::scene::Scene;
use crate::fixture::{expect, expect_problem, fields};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

const ACCEPT: &str = "/api/v1/auth/accept-invitation";

async fn invite(scene: &Scene, email: &str, role: &str) -> Value {
    let body = json!({"email": email, "role": role});
    expect(scene.send(&scene.owner, Method::POST, &scene.path("/invitations"), &body).await, 201).await
}

#[actix_web::test]
async fn who_is_invited_signs_up_and_comes_in() {
    let scene = Scene::set().await;
    let made = invite(&scene, "ada@example.com", "admin").await;
    let whole = json!({"id": made["id"], "email": "ada@example.com", "role": "admin", "status": "open",
        "invited_by": scene.owner.id, "created_at": "2026-03-02T09:00:00Z", "expires_at": "2026-03-09T09:00:00Z",
        "accepted_at": null, "accepted_by": null, "revoked_at": null});
    assert_eq!(made, whole);
    let token = scene.invited_by_mail("ada@example.com").await;
    let look = async || {
        let path = format!("/api/v1/auth/invitation/{token}");
        scene.fixture.anonymous(Method::GET, &path).send().await.unwrap()
    };
    let offer = json!({"workspace_name": "Acme", "role": "admin", "email": "ada@example.com",
        "expires_at": "2026-03-09T09:00:00Z", "account": "missing"});
    assert_eq!(expect(look().await, 200).await, offer);
    assert_eq!(expect(look().await, 200).await, offer, "looking changes nothing");
    let accept = async || scene.fixture.send(ACCEPT, &json!({"token": token})).await;
    expect_problem(accept().await, 409, "account_required").await;

    let form = json!({"email": "Ada@example.com", "password": "correct horse battery"});
    expect(scene.fixture.send("/api/v1/auth/signup", &form).await, 201).await;
    assert_eq!(expect(look().await, 200).await["account"], "unverified");
    expect_problem(accept().await, 409, "email_not_verified_yet").await;
    scene.fixture.work().await;
    let link = format!("/api/v1/auth/verify-email?token={}", scene.fixture.mailed_token("Ada@example.com"));
    expect(scene.fixture.anonymous(Method::GET, &link).send().await.unwrap(), 200).await;
    assert_eq!(expect(look().await, 200).await["account"], "ready");

    let accepted = json!({"workspace_id": scene.workspace, "role": "admin"});
    assert_eq!(expect(accept().await, 200).await, accepted);
    assert_eq!(expect(accept().await, 200).await, accepted, "a double click");
    expect_problem(look().await, 400, "invitation_invalid").await;
    let ada = scene.fixture.log_in("Ada@example.com", "correct horse battery").await;
    expect(scene.bare(&ada, Method::GET, &scene.path("")).await, 200).await;
    let listed = expect(scene.bare(&ada, Method::GET, &scene.path("/invitations")).await, 200).await;
    let item = &listed["items"][0];
    assert_eq!((&item["status"], &item["accepted_by"]), (&json!("accepted"), &json!(ada.id)));
    let revoke = scene.path(&format!("/invitations/{}", made["id"].as_str().unwrap()));
    expect_problem(scene.bare(&ada, Method::DELETE, &revoke).await, 409, "invitation_accepted").await;

    assert_eq!(scene.bare(&scene.owner, Method::DELETE, &scene.of(&ada)).await.status(), 204);
    expect_problem(accept().await, 400, "invitation_invalid").await;
}

#[actix_web::test]
async fn what_can_not_be_invited_is_refused() {
    let scene = Scene::set().await;
    let path = scene.path("/invitations");
    let member = scene.member("member@example.com", "member").await;
    let admin = scene.member("admin@example.com", "admin").await;
    let body = json!({"email": "x@example.com", "role": "member"});
    expect_problem(scene.send(&member, Method::POST, &path, &body).await, 403, "forbidden").await;
    expect_problem(scene.bare(&member, Method::GET, &path).await, 403, "forbidden").await;
    let above = json!({"email": "x@example.com", "role": "owner"});
    expect_problem(scene.send(&admin, Method::POST, &path, &above).await, 403, "forbidden").await;
    let known = json!({"email": "MEMBER@example.com", "role": "member"});
    expect_problem(scene.send(&admin, Method::POST, &path, &known).await, 409, "already_member").await;
    let wrong = scene.send(&admin, Method::POST, &path, &json!({"email": "x", "role": "guest"})).await;
    let wrong = expect_problem(wrong, 422, "invalid").await;
    let both = [("/email", "not_an_email_address"), ("/role", "unknown_value")];
    assert_eq!(fields(&wrong), both.map(|(at, code)| (at.to_owned(), code.to_owned())));
    let wrong = scene.send(&admin, Method::POST, &path, &json!({"email": "x", "role": "member"})).await;
    let wrong = expect_problem(wrong, 422, "invalid").await;
    assert_eq!(fields(&wrong), [("/email".to_owned(), "not_an_email_address".to_owned())]);
    let stranger = scene.stranger().await;
    expect_problem(scene.fixture.post(&stranger, &path, &body).await, 404, "not_found").await;
    expect_problem(scene.fixture.get(&stranger, &path).await, 404, "not_found").await;
}

#[actix_web::test]
async fn an_invitation_is_revoked_and_made_anew() {
    let scene = Scene::set().await;
    let first = invite(&scene, "ada@example.com", "member").await;
    let token = scene.invited_by_mail("ada@example.com").await;
    let of = |made: &Value| scene.path(&format!("/invitations/{}", made["id"].as_str().unwrap()));
    let again = json!({"email": "ADA@example.com", "role": "member"});
    let path = scene.path("/invitations");
    expect_problem(scene.send(&scene.owner, Method::POST, &path, &again).await, 409, "already_invited").await;
    for _ in 0..2 {
        assert_eq!(scene.bare(&scene.owner, Method::DELETE, &of(&first)).await.status(), 204);
    }
    expect_problem(scene.fixture.send(ACCEPT, &json!({"token": token})).await, 400, "invitation_invalid")
        .await;
    let second = invite(&scene, "ada@example.com", "member").await;
    assert_ne!(second["id"], first["id"]);

    scene.fixture.clock.advance(Duration::from_secs(7 * 24 * 60 * 60));
    let owner = scene.fixture.log_in(&scene.owner.email, crate::fixture::logins::PASSWORD).await;
    let third = scene.send(&owner, Method::POST, &path, &again).await;
    let third = expect(third, 201).await;
    let listed = async |query: &str| {
        let found = expect(scene.bare(&owner, Method::GET, &format!("{path}{query}")).await, 200).await;
        let items = found["items"].as_array().unwrap().clone();
        items.into_iter().map(|item| (item["id"].clone(), item["status"].clone())).collect::<Vec<_>>()
    };
    let expected = [(&third, "open"), (&second, "expired"), (&first, "revoked")];
    let expected = expected.map(|(made, status)| (made["id"].clone(), json!(status)));
    assert_eq!(listed("").await, expected);
    for row in &expected {
        assert_eq!(listed(&format!("?status={}", row.1.as_str().unwrap())).await, std::slice::from_ref(row));
    }
    assert_eq!(listed("?status=accepted").await, []);
    let unknown = scene.bare(&owner, Method::GET, &format!("{path}?status=lost")).await;
    expect_problem(unknown, 400, "invalid_query").await;
    let nobody = scene.path(&format!("/invitations/{}", scene.workspace));
    expect_problem(scene.bare(&owner, Method::DELETE, &nobody).await, 404, "not_found").await;
    let stranger = scene.stranger().await;
    let foreign = scene.fixture.call(&stranger, Method::DELETE, &of(&third)).send().await.unwrap();
    expect_problem(foreign, 404, "not_found").await;
    let mine =
        format!("/api/v1/workspaces/{}/invitations/{}", stranger.workspace, third["id"].as_str().unwrap());
    let mine = scene.fixture.call(&stranger, Method::DELETE, &mine).send().await.unwrap();
    expect_problem(mine, 404, "not_found").await;
}

#[actix_web::test]
async fn an_invitation_works_while_its_maker_may_invite() {
    let scene = Scene::set().await;
    let admin = scene.member("admin@example.com", "admin").await;
    scene.fixture.member("ada@example.com").await;
    let body = json!({"email": "ada@example.com", "role": "admin"});
    expect(scene.send(&admin, Method::POST, &scene.path("/invitations"), &body).await, 201).await;
    let token = scene.invited_by_mail("ada@example.com").await;
    let demoted =
        scene.send(&scene.owner, Method::PATCH, &scene.of(&admin), &json!({"role": "member"})).await;
    expect(demoted, 200).await;
    let accepted = scene.fixture.send(ACCEPT, &json!({"token": token})).await;
    expect_problem(accepted, 400, "invitation_invalid").await;
    assert_eq!(scene.roles().await.len(), 2);
}

#[actix_web::test]
async fn nonsense_is_no_invitation() {
    let scene = Scene::set().await;
    for token in ["nonsense", "inv_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
        let path = format!("/api/v1/auth/invitation/{token}");
        let looked = scene.fixture.anonymous(Method::GET, &path).send().await.unwrap();
        expect_problem(looked, 400, "invitation_invalid").await;
        let accepted = scene.fixture.send(ACCEPT, &json!({"token": token})).await;
        expect_problem(accepted, 400, "invitation_invalid").await;
    }
    let missing = expect_problem(scene.fixture.send(ACCEPT, &json!({})).await, 422, "invalid").await;
    assert_eq!(fields(&missing), [("/token".to_owned(), "required".to_owned())]);
}

#[actix_web::test]
async fn nobody_fills_a_postbox_by_inviting_and_taking_back() {
    let scene = Scene::set().await;
    let invited = async |email: &str| {
        let body = json!({"email": email, "role": "member"});
        scene.send(&scene.owner, Method::POST, &scene.path("/invitations"), &body).await
    };
    for _ in 0..5 {
        let made = expect(invited("ada@example.com").await, 201).await;
        let path = scene.path(&format!("/invitations/{}", made["id"].as_str().unwrap()));
        assert_eq!(scene.send(&scene.owner, Method::DELETE, &path, &json!({})).await.status(), 204);
    }
    expect_problem(invited("Ada@example.com").await, 429, "rate_limited").await;
    let member = json!({"email": "ada@example.com", "role": "member"});
    let added = scene.send(&scene.owner, Method::POST, &scene.path("/members"), &member).await;
    expect_problem(added, 429, "rate_limited").await;
    expect(invited("grace@example.com").await, 201).await;
}
