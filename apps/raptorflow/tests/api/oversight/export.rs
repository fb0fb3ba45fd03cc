//! Everything that is held of a person, for the person.

use super::scene::{administrator, join, person, tell};
use crate::fixture::logins::PASSWORD;
use crate::fixture::{Fixture, Home, expect, expect_problem};
use kernel::Role;
use reqwest::{Method, Response};
use serde_json::{Value, json};
use std::time::Duration;

const PATH: &str = "/api/v1/users/me/export";

fn types(document: &Value) -> Vec<&str> {
    document["trail"].as_array().unwrap().iter().map(|fact| fact["type"].as_str().unwrap()).collect()
}

#[actix_web::test]
async fn a_person_takes_away_all_that_is_held_of_them() {
    let fixture = Fixture::with_real_logins();
    let (home, other) = (fixture.home().await, fixture.home().await);
    join(&fixture, &other, home.user, Role::Member).await;
    let secret = fixture.call(&home, Method::PUT, "/api/v1/users/me/secrets/openai");
    let kept = secret.json(&json!({"value": "sk-live-canary"})).send().await.unwrap();
    assert_eq!(kept.status(), 204);
    let keys = format!("/api/v1/workspaces/{}/api-keys", home.workspace);
    let made = json!({"name": "CI", "scopes": ["bcm:read"]});
    let key = expect(fixture.post(&home, &keys, &made).await, 201).await;
    let invitations = format!("/api/v1/workspaces/{}/invitations", home.workspace);
    let offer = json!({"email": "somebody.else@example.com", "role": "member"});
    expect(fixture.post(&home, &invitations, &offer).await, 201).await;
    let document = expect(fixture.get(&home, PATH).await, 200).await;
    let members: Vec<&String> = document.as_object().unwrap().keys().collect();
    assert_eq!(
        members,
        [
            "account",
            "api_keys",
            "exported_at",
            "external_identities",
            "format",
            "invitations",
            "memberships",
            "profile",
            "second_factor",
            "secrets",
            "sessions",
            "trail",
        ],
        "a new section belongs to docs/personal-data.tsv too"
    );
    assert_eq!(document["account"]["id"], json!(home.user));
    assert_eq!(document["account"]["has_password"], true);
    assert_eq!(document["profile"]["display_name"], "Ada Lovelace");
    assert_eq!(document["sessions"][0]["address"], "127.0.0.1");
    let names: Vec<_> =
        document["memberships"].as_array().unwrap().iter().map(|m| m["role"].as_str().unwrap()).collect();
    assert_eq!(names, ["owner", "member"]);
    for told in ["user.signed_up", "user.email_verified", "session.started", "workspace.created"] {
        assert!(types(&document).contains(&told), "{told}");
    }
    assert_eq!(document["second_factor"], json!({"is_enrolled": false}));
    assert_eq!(document["secrets"][0]["name"], "openai");
    assert_eq!(document["api_keys"][0]["prefix"], key["prefix"]);
    assert_eq!(document["invitations"]["made"][0]["workspace_id"], json!(home.workspace));
    assert_eq!(document["invitations"]["received"], json!([]));
    let others = [key["key"].as_str().unwrap(), "somebody.else@example.com"];
    assert!(others.iter().all(|text| !document.to_string().contains(text)), "what is another's");
    for secret in ["argon2", "sk-live-canary", "ciphertext"] {
        assert!(!document.to_string().contains(secret), "no secret, neither hashed nor sealed");
    }
    let again = expect(fixture.get(&home, PATH).await, 200).await;
    assert_eq!(types(&again).last(), Some(&"user.exported"), "the first export is a fact by now");
}

#[actix_web::test]
async fn what_others_did_to_a_person_is_told_without_where_they_were() {
    let fixture = Fixture::with_real_logins();
    let (admin, ada) = (administrator(&fixture, "root").await, person(&fixture, "ada").await);
    let change = json!({"display_name": "Ada"});
    let path = format!("/api/v1/users/{}", ada.id);
    expect(fixture.by(&admin, Method::PUT, &path).json(&change).send().await.unwrap(), 200).await;
    let document = expect(fixture.by(&ada, Method::GET, PATH).send().await.unwrap(), 200).await;
    let facts = document["trail"].as_array().unwrap();
    let renamed = facts.iter().find(|fact| fact["type"] == "user.updated").unwrap();
    assert_eq!((&renamed["by"], renamed.get("address")), (&json!("user"), None));
    assert_eq!(renamed["payload"], json!({"changed": ["display_name"]}));
    assert!(!document.to_string().contains(&admin.id.to_string()));
    let started = facts.iter().find(|fact| fact["type"] == "session.started").unwrap();
    assert_eq!((&started["by"], &started["address"]), (&json!("anonymous"), &json!("127.0.0.1")));
}

async fn ask(fixture: &Fixture, home: &Home) -> Response {
    fixture.get(home, PATH).await
}

#[actix_web::test]
async fn a_long_trail_is_put_together_by_a_job_and_waits_for_a_day() {
    let fixture = Fixture::with_real_logins();
    let mut home = fixture.home().await;
    tell(&fixture, &home, 1_001).await;
    for _ in 0..2 {
        let response = ask(&fixture, &home).await;
        assert_eq!(response.headers()["retry-after"], "5");
        assert_eq!(expect(response, 202).await, json!({"status": "preparing"}));
    }
    fixture.work().await;
    let document = expect(ask(&fixture, &home).await, 200).await;
    assert!(types(&document).len() > 1_001);
    assert_eq!(expect(ask(&fixture, &home).await, 200).await, document, "the same one");

    fixture.clock.advance(Duration::from_secs(24 * 60 * 60));
    let email = document["account"]["email"].as_str().unwrap();
    home.token = fixture.log_in(email, PASSWORD).await.access;
    expect(ask(&fixture, &home).await, 202).await;
    fixture.work().await;
    let later = expect(ask(&fixture, &home).await, 200).await;
    assert_ne!(later["exported_at"], document["exported_at"]);
}

#[actix_web::test]
async fn nobody_takes_anything_without_a_login() {
    let fixture = Fixture::with_real_logins();
    expect_problem(fixture.anonymous(Method::GET, PATH).send().await.unwrap(), 401, "unauthenticated").await;
}
