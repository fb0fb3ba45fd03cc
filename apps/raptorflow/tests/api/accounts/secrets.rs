//! People's own secrets: set, named, never shown.

use crate::fixture::{Fixture, expect, expect_problem, fields, logins::Member};
use reqwest::{Method, Response};
use serde_json::json;
use std::time::Duration;

const SECRETS: &str = "/api/v1/users/me/secrets";
const CANARY: &str = "sk-live-canary-3b1f";

async fn set(fixture: &Fixture, who: &Member, name: &str, value: &str) -> Response {
    let path = format!("{SECRETS}/{name}");
    fixture.by(who, Method::PUT, &path).json(&json!({"value": value})).send().await.unwrap()
}

async fn remove(fixture: &Fixture, who: &Member, name: &str) -> Response {
    fixture.by(who, Method::DELETE, &format!("{SECRETS}/{name}")).send().await.unwrap()
}

async fn list(fixture: &Fixture, who: &Member) -> serde_json::Value {
    expect(fixture.by(who, Method::GET, SECRETS).send().await.unwrap(), 200).await
}

#[actix_web::test]
async fn a_secret_is_set_replaced_listed_without_its_value_and_removed() {
    let fixture = Fixture::with_real_logins();
    let (ada, bob) = (fixture.member("ada@example.com").await, fixture.member("bob@example.com").await);
    assert_eq!(list(&fixture, &ada).await, json!({"items": []}));
    assert_eq!(set(&fixture, &ada, "openai", "first").await.status(), 204);
    fixture.clock.advance(Duration::from_secs(60));
    assert_eq!(set(&fixture, &ada, "openai", CANARY).await.status(), 204);
    assert_eq!(set(&fixture, &ada, "a-key_2", CANARY).await.status(), 204);
    let (then, now) = ("2026-03-02T09:00:00Z", "2026-03-02T09:01:00Z");
    assert_eq!(
        list(&fixture, &ada).await,
        json!({"items": [
            {"name": "a-key_2", "created_at": now, "updated_at": now},
            {"name": "openai", "created_at": then, "updated_at": now},
        ]})
    );
    assert_eq!(list(&fixture, &bob).await, json!({"items": []}));
    expect_problem(remove(&fixture, &bob, "openai").await, 404, "not_found").await;
    assert_eq!(remove(&fixture, &ada, "openai").await.status(), 204);
    expect_problem(remove(&fixture, &ada, "openai").await, 404, "not_found").await;
    expect_problem(remove(&fixture, &ada, "No%20Name").await, 404, "not_found").await;
}

#[actix_web::test]
async fn every_wrong_field_is_told_and_the_value_is_not_repeated() {
    let fixture = Fixture::with_real_logins();
    let ada = fixture.member("ada@example.com").await;
    for (name, value, pointer, code) in [
        ("Open%20AI", CANARY, "name", "invalid_format"),
        (&"x".repeat(65), CANARY, "name", "too_long"),
        ("openai", "", "/value", "required"),
        ("openai", &format!("{CANARY}{}", "x".repeat(4_096)), "/value", "too_long"),
        ("openai", &format!("{CANARY}{}", "é".repeat(2_049)), "/value", "too_long"),
        ("openai", &format!("{CANARY}\0"), "/value", "forbidden_character"),
    ] {
        let refused = expect_problem(set(&fixture, &ada, name, value).await, 422, "invalid").await;
        assert_eq!(fields(&refused), [(pointer.to_owned(), code.to_owned())], "{name}");
        assert!(!refused.to_string().contains(CANARY), "{refused}");
    }
    let path = format!("{SECRETS}/openai");
    let odd = fixture.by(&ada, Method::PUT, &path).json(&json!({"valeu": CANARY})).send().await.unwrap();
    assert!(!expect_problem(odd, 422, "invalid").await.to_string().contains(CANARY));
}

#[actix_web::test]
async fn there_is_room_for_fifty() {
    let fixture = Fixture::with_real_logins();
    let ada = fixture.member("ada@example.com").await;
    for n in 0..50 {
        assert_eq!(set(&fixture, &ada, &format!("key-{n}"), "x").await.status(), 204);
    }
    expect_problem(set(&fixture, &ada, "one-more", "x").await, 409, "too_many_secrets").await;
    assert_eq!(set(&fixture, &ada, "key-7", "y").await.status(), 204);
}

#[actix_web::test]
async fn nobody_without_a_login_sets_or_sees_any() {
    let fixture = Fixture::with_real_logins();
    let path = format!("{SECRETS}/openai");
    for (method, path) in [(Method::GET, SECRETS), (Method::PUT, &path), (Method::DELETE, &path)] {
        let refused = fixture.anonymous(method, path).json(&json!({"value": "x"})).send().await.unwrap();
        expect_problem(refused, 401, "unauthenticated").await;
    }
}
