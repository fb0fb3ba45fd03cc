//! Somebody with an account and a workspace, and programs of theirs.

use crate::fixture::{Fixture, expect};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};
use uuid::Uuid;

/// A person who makes keys.
pub(crate) struct Maker {
    pub(crate) id: String,
    pub(crate) token: String,
    pub(crate) workspace: String,
}

pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

impl Maker {
    pub(crate) async fn new(fixture: &Fixture) -> Self {
        let home = fixture.home().await;
        Self { id: home.user.to_string(), token: home.token, workspace: home.workspace.to_string() }
    }

    /// The path of their keys.
    pub(crate) fn keys(&self) -> String {
        format!("/api/v1/workspaces/{}/api-keys", self.workspace)
    }

    pub(crate) fn call(&self, fixture: &Fixture, method: Method, path: &str) -> RequestBuilder {
        fixture.anonymous(method, path).bearer_auth(&self.token)
    }

    pub(crate) async fn try_issue(&self, fixture: &Fixture, body: &Value) -> Response {
        self.call(fixture, Method::POST, &self.keys()).json(body).send().await.unwrap()
    }

    /// A new key with these scopes.
    pub(crate) async fn issue(&self, fixture: &Fixture, scopes: &[String]) -> Key {
        let body = json!({"name": "CI", "scopes": scopes});
        let issued = expect(self.try_issue(fixture, &body).await, 201).await;
        Key { id: text(&issued["id"]), text: text(&issued["key"]) }
    }

    pub(crate) async fn revoke(&self, fixture: &Fixture, key: &str) -> Response {
        self.call(fixture, Method::DELETE, &format!("{}/{key}", self.keys())).send().await.unwrap()
    }
}

/// A key in a program's hands.
pub(crate) struct Key {
    pub(crate) id: String,
    pub(crate) text: String,
}

impl Key {
    pub(crate) fn call(&self, fixture: &Fixture, method: Method, path: &str) -> RequestBuilder {
        fixture.anonymous(method, path).header("x-api-key", &self.text)
    }

    pub(crate) async fn get(&self, fixture: &Fixture, path: &str) -> Response {
        self.call(fixture, Method::GET, path).send().await.unwrap()
    }
}

pub(crate) fn every_scope() -> Vec<String> {
    kernel::KeyScope::all().map(|scope| scope.to_string()).collect()
}

pub(crate) fn four_weeks() -> Value {
    json!({"name": "Spring", "goal": "More trials", "channels": ["twitter"],
        "starts_on": "2026-03-02", "ends_on": "2026-03-29"})
}

pub(crate) fn nowhere() -> String {
    Uuid::from_u128(7).to_string()
}
