//! Forgotten passwords and lost mails.

use crate::fixture::{
    Fixture, expect, expect_problem, fields,
    logins::{Member, PASSWORD},
};
use kernel::Mail;
use reqwest::{Method, Response};
use serde_json::json;
use std::time::Duration;

const ADA: &str = "ada@example.com";
const NEW: &str = "a better horse battery";
const FORGOT: &str = "/api/v1/auth/forgot-password";
const RESET: &str = "/api/v1/auth/reset-password";
const RESEND: &str = "/api/v1/auth/verify-email/resend";

async fn reset(fixture: &Fixture, token: &str, password: &str) -> Response {
    fixture.send(RESET, &json!({"token": token, "new_password": password})).await
}

fn last(fixture: &Fixture) -> Mail {
    fixture.mails().pop().unwrap()
}

async fn me(fixture: &Fixture, member: &Member) -> u16 {
    fixture.by(member, Method::GET, "/api/v1/auth/me").send().await.unwrap().status().as_u16()
}

#[actix_web::test]
async fn a_forgotten_password_is_reset_by_mail_and_every_login_ends() {
    let fixture = Fixture::with_real_logins();
    let ada = fixture.member(ADA).await;
    let asked = fixture.send(FORGOT, &json!({"email": "Ada@example.com"})).await;
    assert_eq!(expect(asked, 202).await, json!({}));
    fixture.work().await;
    let link = "http://localhost/reset-password?token=eml_";
    assert!(last(&fixture).text.contains(link), "{}", last(&fixture).text);
    let token = fixture.mailed_token(ADA);

    let weak = expect_problem(reset(&fixture, &token, "password").await, 422, "invalid").await;
    assert_eq!(fields(&weak), [("/new_password".to_owned(), "too_common".to_owned())]);
    assert_eq!(reset(&fixture, &token, NEW).await.status(), 204);
    expect_problem(reset(&fixture, &token, NEW).await, 400, "token_invalid").await;
    assert_eq!(me(&fixture, &ada).await, 401, "the old access token");
    let refreshed = fixture.send("/api/v1/auth/refresh", &json!({"refresh_token": ada.refresh})).await;
    expect_problem(refreshed, 401, "refresh_token_invalid").await;
    let old = fixture.send("/api/v1/auth/login", &json!({"email": ADA, "password": PASSWORD})).await;
    expect_problem(old, 401, "invalid_credentials").await;
    let again = fixture.log_in(ADA, NEW).await;
    assert_eq!(me(&fixture, &again).await, 200);
    fixture.work().await;
    assert_eq!(last(&fixture).subject, "Your RaptorFlow password was changed");
}

#[actix_web::test]
async fn known_unknown_and_verified_addresses_are_answered_alike() {
    let fixture = Fixture::with_real_logins();
    fixture.member(ADA).await;
    for path in [FORGOT, RESEND] {
        let mut answers = Vec::new();
        for email in [ADA, "nobody@example.com"] {
            let answer = fixture.send(path, &json!({"email": email})).await;
            let mut names: Vec<String> = answer.headers().keys().map(ToString::to_string).collect();
            names.sort();
            answers.push((names, expect(answer, 202).await));
        }
        assert_eq!(answers[0], answers[1], "{path}");
        let wrong = fixture.send(path, &json!({"email": "nowhere"})).await;
        let wrong = expect_problem(wrong, 422, "invalid").await;
        assert_eq!(fields(&wrong), [("/email".to_owned(), "not_an_email_address".to_owned())]);
    }
    fixture.work().await;
    assert_eq!(fixture.mails().len(), 2, "the verification, and one reset");
}

#[actix_web::test]
async fn a_link_works_for_half_an_hour_and_until_the_next_one() {
    let fixture = Fixture::with_real_logins();
    fixture.member(ADA).await;
    let ask = async || {
        fixture.send(FORGOT, &json!({"email": ADA})).await;
        fixture.work().await;
        fixture.mailed_token(ADA)
    };
    let older = ask().await;
    assert_eq!(ask().await, older, "no second mail within two minutes");
    fixture.clock.advance(Duration::from_secs(120));
    let newer = ask().await;
    expect_problem(reset(&fixture, &older, NEW).await, 400, "token_invalid").await;
    fixture.clock.advance(Duration::from_secs(1_800));
    expect_problem(reset(&fixture, &newer, NEW).await, 400, "token_invalid").await;
    let nothing = expect_problem(fixture.send(RESET, &json!({})).await, 422, "invalid").await;
    assert_eq!(fields(&nothing).len(), 2);
}

#[actix_web::test]
async fn a_lost_verification_mail_is_asked_for_again() {
    let fixture = Fixture::with_real_logins();
    fixture.send("/api/v1/auth/signup", &json!({"email": ADA, "password": PASSWORD})).await;
    fixture.work().await;
    fixture.clock.advance(Duration::from_secs(120));
    assert_eq!(expect(fixture.send(RESEND, &json!({"email": ADA})).await, 202).await, json!({}));
    fixture.work().await;
    let link = format!("/api/v1/auth/verify-email?token={}", fixture.mailed_token(ADA));
    let verified = fixture.anonymous(Method::GET, &link).send().await.unwrap();
    assert_eq!(expect(verified, 200).await, json!({"verified": true}));
    assert_eq!(fixture.mails().len(), 2);
}
