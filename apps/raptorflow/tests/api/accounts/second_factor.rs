//! Logins with an authenticator.

use crate::fixture::{
    Fixture, expect, expect_problem, fields,
    logins::{Member, PASSWORD},
};
use identity::TotpSecret;
use kernel::Clock;
use reqwest::{Method, Response};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use std::time::Duration;

const TOTP: &str = "/api/v1/auth/mfa/totp";
const CONFIRM: &str = "/api/v1/auth/mfa/totp/confirm";
const CODES: &str = "/api/v1/auth/mfa/recovery-codes";
const CHALLENGE: &str = "/api/v1/auth/mfa/challenge";
const EMAIL: &str = "ada@example.com";

/// Somebody with an authenticator, and ten recovery codes.
struct Enrolled {
    fixture: Fixture,
    ada: Member,
    secret: TotpSecret,
    codes: Value,
}

async fn call(fixture: &Fixture, who: &Member, method: Method, path: &str, body: &Value) -> Response {
    fixture.by(who, method, path).json(body).send().await.unwrap()
}

fn code(fixture: &Fixture, secret: &TotpSecret) -> String {
    secret.code_at(fixture.clock.now()).expose_secret().to_owned()
}

fn secret_of(enrolment: &Value) -> TotpSecret {
    TotpSecret::from_base32(&enrolment["secret"].as_str().unwrap().into()).unwrap()
}

impl Enrolled {
    async fn new() -> Self {
        let fixture = Fixture::with_real_logins();
        let ada = fixture.member(EMAIL).await;
        let enrolment = expect(call(&fixture, &ada, Method::POST, TOTP, &json!({})).await, 201).await;
        let secret = secret_of(&enrolment);
        let shown = json!({"code": code(&fixture, &secret)});
        let confirmed = expect(call(&fixture, &ada, Method::POST, CONFIRM, &shown).await, 200).await;
        fixture.clock.advance(Duration::from_secs(60));
        Self { fixture, ada, secret, codes: confirmed["recovery_codes"].clone() }
    }

    fn code(&self) -> String {
        code(&self.fixture, &self.secret)
    }

    /// A code that no step near now has.
    fn wrong_code(&self) -> String {
        let candidates = (0..10).map(|n| format!("{n:06}"));
        let now = self.fixture.clock.now();
        candidates.into_iter().find(|code| self.secret.step_of(code, now).is_none()).unwrap()
    }

    async fn challenge(&self) -> String {
        let form = json!({"email": EMAIL, "password": PASSWORD});
        let answer = expect(self.fixture.send("/api/v1/auth/login", &form).await, 200).await;
        answer["mfa_token"].as_str().unwrap().to_owned()
    }

    async fn answer(&self, token: &str, proof: &Value) -> Response {
        let mut body = proof.clone();
        body["mfa_token"] = token.into();
        self.fixture.send(CHALLENGE, &body).await
    }
}

#[actix_web::test]
async fn an_authenticator_is_enrolled_confirmed_asked_for_and_removed() {
    let fixture = Fixture::with_real_logins();
    let ada = fixture.member(EMAIL).await;
    let enrolment = expect(call(&fixture, &ada, Method::POST, TOTP, &json!({})).await, 201).await;
    let secret = secret_of(&enrolment);
    let base32 = enrolment["secret"].as_str().unwrap();
    let url = format!(
        "otpauth://totp/RaptorFlow:ada%40example.com?secret={base32}&issuer=RaptorFlow&algorithm=SHA1&digits=6&period=30"
    );
    assert_eq!(
        enrolment,
        json!({"secret": base32, "otpauth_url": url, "algorithm": "SHA1", "digits": 6, "period": 30})
    );
    let shown = json!({"code": code(&fixture, &secret)});
    let confirmed = expect(call(&fixture, &ada, Method::POST, CONFIRM, &shown).await, 200).await;
    assert_eq!(confirmed["recovery_codes"].as_array().unwrap().len(), 10);
    let me = expect(fixture.by(&ada, Method::GET, "/api/v1/auth/me").send().await.unwrap(), 200).await;
    assert_eq!(me["mfa_enabled"], true);

    fixture.clock.advance(Duration::from_secs(30));
    let form = json!({"email": EMAIL, "password": PASSWORD});
    let first = expect(fixture.send("/api/v1/auth/login", &form).await, 200).await;
    let token = first["mfa_token"].as_str().unwrap();
    assert_eq!(first, json!({"mfa_required": true, "mfa_token": token, "expires_in": 300}));
    let proof = json!({"mfa_token": token, "code": code(&fixture, &secret)});
    let came_in = expect(fixture.send(CHALLENGE, &proof).await, 200).await;
    assert_eq!((&came_in["user"]["email"], &came_in["token_type"]), (&json!(EMAIL), &json!("Bearer")));
    let again = Member { access: came_in["access_token"].as_str().unwrap().to_owned(), ..ada };

    let removed = fixture.by(&again, Method::DELETE, TOTP).send().await.unwrap();
    assert_eq!(removed.status(), 204);
    fixture.log_in(EMAIL, PASSWORD).await;
    fixture.work().await;
    let subjects: Vec<String> = fixture.mails().into_iter().map(|mail| mail.subject).collect();
    assert_eq!(
        subjects[1..],
        [
            "Your RaptorFlow account has a second factor now",
            "Your RaptorFlow account has no second factor any more",
        ]
    );
}

#[actix_web::test]
async fn a_login_is_refused_with_a_wrong_code_and_ends_after_five() {
    let ada = Enrolled::new().await;
    let token = ada.challenge().await;
    for _ in 0..5 {
        let refused = ada.answer(&token, &json!({"code": ada.wrong_code()})).await;
        expect_problem(refused, 401, "mfa_code_invalid").await;
    }
    let refused = ada.answer(&token, &json!({"code": ada.code()})).await;
    expect_problem(refused, 401, "mfa_token_invalid").await;
    for token in ["", "mfa_x", "rubbish"] {
        let refused = ada.answer(token, &json!({"code": ada.code()})).await;
        expect_problem(refused, 401, "mfa_token_invalid").await;
    }
    let token = ada.challenge().await;
    for _ in 0..5 {
        expect(ada.answer(&token, &json!({"code": ada.wrong_code()})).await, 401).await;
    }
    let refused = ada.answer(&ada.challenge().await, &json!({"code": ada.code()})).await;
    assert_eq!(refused.headers()["retry-after"], "900");
    expect_problem(refused, 429, "mfa_blocked").await;
    let recovered = ada.answer(&ada.challenge().await, &json!({"recovery_code": ada.codes[0]})).await;
    expect(recovered, 200).await;
}

#[actix_web::test]
async fn a_recovery_code_works_once_and_new_ones_replace_the_old() {
    let ada = Enrolled::new().await;
    let proof = json!({"recovery_code": ada.codes[0]});
    expect(ada.answer(&ada.challenge().await, &proof).await, 200).await;
    expect_problem(ada.answer(&ada.challenge().await, &proof).await, 401, "mfa_code_invalid").await;
    let fresh = expect(call(&ada.fixture, &ada.ada, Method::POST, CODES, &json!({})).await, 200).await;
    assert_eq!(fresh["recovery_codes"].as_array().unwrap().len(), 10);
    let old = json!({"recovery_code": ada.codes[1]});
    expect_problem(ada.answer(&ada.challenge().await, &old).await, 401, "mfa_code_invalid").await;
    let new = json!({"recovery_code": fresh["recovery_codes"][0]});
    expect(ada.answer(&ada.challenge().await, &new).await, 200).await;
}

#[actix_web::test]
async fn a_challenge_takes_one_proof() {
    let ada = Enrolled::new().await;
    let token = ada.challenge().await;
    for proof in [json!({}), json!({"code": ada.code(), "recovery_code": ada.codes[0]})] {
        let refused = expect_problem(ada.answer(&token, &proof).await, 422, "invalid").await;
        assert_eq!(fields(&refused), [("/code".to_owned(), "one_of".to_owned())]);
    }
    expect(ada.answer(&token, &json!({"code": ada.code()})).await, 200).await;
}

#[actix_web::test]
async fn a_factor_is_neither_enrolled_twice_nor_confirmed_by_a_wrong_code() {
    let ada = Enrolled::new().await;
    let again = call(&ada.fixture, &ada.ada, Method::POST, TOTP, &json!({})).await;
    expect_problem(again, 409, "mfa_already_enrolled").await;
    let shown = json!({"code": ada.code()});
    let again = call(&ada.fixture, &ada.ada, Method::POST, CONFIRM, &shown).await;
    expect_problem(again, 409, "mfa_already_enrolled").await;

    let bob = ada.fixture.member("bob@example.com").await;
    for (method, path) in [(Method::POST, CONFIRM), (Method::POST, CODES), (Method::DELETE, TOTP)] {
        let body = if path == CONFIRM { &shown } else { &json!({}) };
        let refused = call(&ada.fixture, &bob, method, path, body).await;
        expect_problem(refused, 404, "mfa_not_enrolled").await;
    }
    expect(call(&ada.fixture, &bob, Method::POST, TOTP, &json!({})).await, 201).await;
    let refused = call(&ada.fixture, &bob, Method::POST, CONFIRM, &json!({"code": "x"})).await;
    let refused = expect_problem(refused, 422, "invalid").await;
    assert_eq!(fields(&refused), [("/code".to_owned(), "wrong_code".to_owned())]);
}

#[actix_web::test]
async fn who_has_logged_in_long_ago_or_not_at_all_changes_no_factor() {
    let fixture = Fixture::with_real_logins();
    let ada = fixture.member(EMAIL).await;
    fixture.clock.advance(Duration::from_secs(15 * 60 + 1));
    for (method, path) in
        [(Method::POST, TOTP), (Method::POST, CONFIRM), (Method::POST, CODES), (Method::DELETE, TOTP)]
    {
        let body = if path == CONFIRM { json!({"code": "000000"}) } else { json!({}) };
        let refused = call(&fixture, &ada, method.clone(), path, &body).await;
        expect_problem(refused, 403, "fresh_authentication_required").await;
        let nobody = fixture.anonymous(method, path).json(&body).send().await.unwrap();
        expect_problem(nobody, 401, "unauthenticated").await;
    }
}

#[actix_web::test]
async fn confirming_ends_the_other_sessions() {
    let fixture = Fixture::with_real_logins();
    let other = fixture.member(EMAIL).await;
    let ada = fixture.log_in(EMAIL, PASSWORD).await;
    let enrolment = expect(call(&fixture, &ada, Method::POST, TOTP, &json!({})).await, 201).await;
    let shown = json!({"code": code(&fixture, &secret_of(&enrolment))});
    expect(call(&fixture, &ada, Method::POST, CONFIRM, &shown).await, 200).await;
    let ended = fixture.by(&other, Method::GET, "/api/v1/auth/me").send().await.unwrap();
    expect_problem(ended, 401, "unauthenticated").await;
    expect(fixture.by(&ada, Method::GET, "/api/v1/auth/me").send().await.unwrap(), 200).await;
}
