//! A life in which everything secret is given or got once, and every mistake is made with it.

use super::record::{Headers, Recorder};
use super::search::Secret;
use identity::TotpSecret;
use kernel::Clock;
use reqwest::Method;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use std::time::Duration;

pub(super) const NAME: &str = "Augusta Ada Canary-Name";
pub(super) const PHRASE: &str = "canary-passwordA \"one\" \\+/%7";
const NEXT: &str = "canary-passwordB \"two\" \\+/%7";
const LAST: &str = "canary-passwordC \"three\" \\+/%";
const OTHERS: &str = "canary-passwordD \"four\" \\+/%7";
const WRONG: &str = "canary-wrong-password \"\\+/%7";
const PROVIDER: &str = "sk-live-canary \"provider\" \\+/%7";
const GUESS: &str = "canary-guessed-code-000000";
const ADA: &str = "ada@example.com";
const MOVED: &str = "ada.moved@example.com";
const BOB: &str = "bob@example.com";

/// The token behind this text in the newest mail to this address that has one, as soon as there is one.
pub(super) trait Mails {
    async fn token(&mut self, to: &str, before: &str) -> String;
}

pub(super) struct Life<M> {
    pub(super) web: Recorder,
    pub(super) mails: M,
    pub(super) secrets: Vec<Secret>,
}

const NOBODY: Headers<'static> = &[];

fn bearer(token: &str) -> String {
    format!("Bearer {token}")
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}

impl<M: Mails> Life<M> {
    fn keep(&mut self, name: &'static str, value: &str) {
        self.secrets.push(Secret::new(name, value));
    }

    async fn post(&self, path: &str, headers: Headers<'_>, body: Value, status: u16) -> Value {
        self.web.call((Method::POST, path), headers, &body, status).await
    }

    async fn get(&self, path: &str, by: &str) -> Value {
        self.web.call((Method::GET, path), &[("authorization", &bearer(by))], &Value::Null, 200).await
    }

    async fn as_person(&self, method: Method, path: &str, by: &str, body: Value, status: u16) -> Value {
        self.web.call((method, path), &[("authorization", &bearer(by))], &body, status).await
    }

    /// Everything, in the order of a life.
    pub(super) async fn live(&mut self) {
        let passwords = [PHRASE, NEXT, LAST, OTHERS].map(|password| ("password", password)).into_iter();
        for (name, value) in
            passwords.chain([("wrong password", WRONG), ("provider key", PROVIDER), ("guessed code", GUESS)])
        {
            self.keep(name, value);
        }
        self.come_in(ADA, PHRASE).await;
        self.recover().await;
        let access = self.log_in(MOVED, LAST).await;
        let access = self.second_factor(&access).await;
        self.own_secrets(&access).await;
        let (workspace, key) = self.program(&access).await;
        self.invite(&access, &workspace).await;
        self.mistakes(&access, &workspace, &key).await;
        self.look_around(&access, &workspace).await;
        self.as_person(Method::POST, "/api/v1/auth/logout", &access, json!({}), 204).await;
    }

    /// Signs up, twice with one key; verifies; takes the wrong password, then the right one.
    async fn come_in(&mut self, email: &str, password: &str) -> String {
        let form = json!({"email": email, "password": password, "display_name": NAME});
        for _ in 0..2 {
            self.post("/api/v1/auth/signup", &[("idempotency-key", email)], form.clone(), 201).await;
        }
        self.post("/api/v1/auth/signup", NOBODY, form, 201).await;
        let token = self.mails.token(email, "verify-email?token=").await;
        self.keep("verification token", &token);
        let link = format!("/api/v1/auth/verify-email?token={token}");
        self.web.call((Method::GET, &link), NOBODY, &Value::Null, 200).await;
        let wrong = json!({"email": email, "password": WRONG});
        self.post("/api/v1/auth/login", NOBODY, wrong, 401).await;
        let access = self.log_in(email, password).await;
        self.get("/api/v1/auth/me", &access).await;
        access
    }

    async fn log_in(&mut self, email: &str, password: &str) -> String {
        let form = json!({"email": email, "password": password});
        let answer = self.post("/api/v1/auth/login", NOBODY, form, 200).await;
        self.keep_pair(&answer);
        // A second use within ten seconds is answered by the same token.
        let form = json!({"refresh_token": answer["refresh_token"]});
        let mut access = String::new();
        for _ in 0..2 {
            let next = self.post("/api/v1/auth/refresh", NOBODY, form.clone(), 200).await;
            self.keep("access token", next["access_token"].as_str().unwrap());
            self.keep("refreshed token", next["refresh_token"].as_str().unwrap());
            access = text(&next["access_token"]);
        }
        access
    }

    fn keep_pair(&mut self, answer: &Value) {
        self.keep("access token", answer["access_token"].as_str().unwrap());
        self.keep("refresh token", answer["refresh_token"].as_str().unwrap());
    }

    /// Forgets the password, moves to another address, changes the password.
    async fn recover(&mut self) {
        self.post("/api/v1/auth/forgot-password", NOBODY, json!({"email": ADA}), 202).await;
        let token = self.mails.token(ADA, "reset-password?token=").await;
        self.keep("reset token", &token);
        let form = json!({"token": token, "new_password": NEXT});
        self.post("/api/v1/auth/reset-password", NOBODY, form.clone(), 204).await;
        self.post("/api/v1/auth/reset-password", NOBODY, form, 400).await;
        let access = self.log_in(ADA, NEXT).await;
        let form = json!({"email": MOVED, "current_password": NEXT});
        self.as_person(Method::PUT, "/api/v1/users/me/email", &access, form, 202).await;
        let token = self.mails.token(MOVED, "verify-email?token=").await;
        self.keep("verification token", &token);
        let link = format!("/api/v1/auth/verify-email?token={token}");
        self.web.call((Method::GET, &link), NOBODY, &Value::Null, 200).await;
        let access = self.log_in(MOVED, NEXT).await;
        for (current, status) in [(WRONG, 403), (NEXT, 204)] {
            let form = json!({"current_password": current, "new_password": LAST});
            self.as_person(Method::PUT, "/api/v1/users/me/password", &access, form, status).await;
        }
    }

    /// Takes an authenticator and comes in by it, and by a recovery code.
    async fn second_factor(&mut self, access: &str) -> String {
        let factor = "/api/v1/auth/mfa/totp";
        let made = self.as_person(Method::POST, factor, access, json!({}), 201).await;
        self.keep("second factor", made["secret"].as_str().unwrap());
        self.keep("second factor", made["otpauth_url"].as_str().unwrap());
        let secret = TotpSecret::from_base32(&text(&made["secret"]).into()).unwrap();
        // The step after the present one counts, too; so both codes are taken, whenever a step ends.
        let code = |later: u64| {
            let at = kernel::SystemClock.now().plus(Duration::from_secs(later));
            secret.code_at(at).expose_secret().to_owned()
        };
        let confirm = format!("{factor}/confirm");
        self.as_person(Method::POST, &confirm, access, json!({"code": GUESS}), 422).await;
        let codes = self.as_person(Method::POST, &confirm, access, json!({"code": code(0)}), 200).await;
        self.keep_codes("recovery code", &codes);
        let token = self.challenge().await;
        self.pass(&token, json!({"code": GUESS}), 422).await;
        self.pass(&token, json!({"code": code(30)}), 200).await;
        let token = self.challenge().await;
        let answer = self.pass(&token, json!({"recovery_code": codes["recovery_codes"][0]}), 200).await;
        let access = text(&answer["access_token"]);
        let codes = "/api/v1/auth/mfa/recovery-codes";
        let codes = self.as_person(Method::POST, codes, &access, json!({}), 200).await;
        self.keep_codes("replaced recovery code", &codes);
        access
    }

    fn keep_codes(&mut self, name: &'static str, answer: &Value) {
        let codes = answer["recovery_codes"].as_array().unwrap();
        assert_eq!(codes.len(), 10);
        codes.iter().for_each(|code| self.keep(name, code.as_str().unwrap()));
    }

    async fn challenge(&mut self) -> String {
        let form = json!({"email": MOVED, "password": LAST});
        let answer = self.post("/api/v1/auth/login", NOBODY, form, 200).await;
        self.keep("challenge", answer["mfa_token"].as_str().unwrap());
        text(&answer["mfa_token"])
    }

    async fn pass(&mut self, token: &str, mut proof: Value, status: u16) -> Value {
        proof["mfa_token"] = token.into();
        let answer = self.post("/api/v1/auth/mfa/challenge", NOBODY, proof, status).await;
        if status == 200 {
            self.keep("access token", answer["access_token"].as_str().unwrap());
            self.keep("refresh token", answer["refresh_token"].as_str().unwrap());
        }
        answer
    }

    async fn own_secrets(&self, access: &str) {
        let path = "/api/v1/users/me/secrets/openai";
        for _ in 0..2 {
            self.as_person(Method::PUT, path, access, json!({"value": PROVIDER}), 204).await;
        }
        self.get("/api/v1/users/me/secrets", access).await;
    }

    /// A workspace with an API key, which is asked for twice with one key and used in both headers.
    async fn program(&mut self, access: &str) -> (String, String) {
        let new = json!({"name": "Analytical Engine"});
        let made = self.as_person(Method::POST, "/api/v1/workspaces", access, new, 201).await;
        let workspace = format!("/api/v1/workspaces/{}", text(&made["id"]));
        let (bearer, new) = (bearer(access), json!({"name": "CI", "scopes": ["workspaces:read"]}));
        let headers: Headers<'_> = &[("authorization", &bearer), ("idempotency-key", "make-a-key")];
        let mut key = String::new();
        for _ in 0..2 {
            let made = self.post(&format!("{workspace}/api-keys"), headers, new.clone(), 201).await;
            key = text(&made["key"]);
        }
        self.keep("API key", &key);
        self.get(&workspace, &key).await;
        self.web.call((Method::GET, &workspace), &[("x-api-key", &key)], &Value::Null, 200).await;
        (workspace, key)
    }

    async fn invite(&mut self, access: &str, workspace: &str) {
        let offer = json!({"email": BOB, "role": "member"});
        self.as_person(Method::POST, &format!("{workspace}/invitations"), access, offer, 201).await;
        let token = self.mails.token(BOB, "/accept-invitation?token=").await;
        self.keep("invitation", &token);
        self.web
            .call((Method::GET, &format!("/api/v1/auth/invitation/{token}")), NOBODY, &Value::Null, 200)
            .await;
        let bob = self.come_in(BOB, OTHERS).await;
        let accept = json!({"token": token});
        for status in [200, 200] {
            self.as_person(Method::POST, "/api/v1/auth/accept-invitation", &bob, accept.clone(), status)
                .await;
        }
    }

    /// Every list and document that is there for this person.
    async fn look_around(&self, access: &str, workspace: &str) {
        let own =
            ["auth/me", "auth/sessions", "users/me", "users/me/secrets", "users/me/export", "workspaces"];
        let paths = own.map(|path| format!("/api/v1/{path}")).into_iter();
        let parts = ["", "/api-keys", "/invitations", "/members", "/audit-logs", "/budget"];
        let paths = paths.chain(parts.map(|part| format!("{workspace}{part}")));
        let open = [
            "/health",
            "/health/live",
            "/health/ready",
            "/version",
            "/.well-known/jwks.json",
            "/openapi.json",
        ];
        for path in paths.chain(open.map(ToOwned::to_owned)) {
            self.get(&path, access).await;
        }
        for format in ["jsonl", "csv"] {
            self.get(&format!("{workspace}/audit-logs/export?format={format}"), access).await;
        }
    }
}
