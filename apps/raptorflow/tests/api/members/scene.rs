//! A workspace with people in it.

use crate::fixture::{Fixture, Home, expect, logins::Member};
use kernel::WorkspaceId;
use reqwest::{Method, Response};
use serde_json::{Value, json};
use uuid::Uuid;

pub(crate) struct Scene {
    pub(crate) fixture: Fixture,
    pub(crate) owner: Member,
    pub(crate) workspace: WorkspaceId,
}

impl Scene {
    /// An owner with a workspace.
    pub(crate) async fn set() -> Self {
        let fixture = Fixture::with_real_logins();
        let owner = fixture.member("owner@example.com").await;
        let request = fixture.by(&owner, Method::POST, "/api/v1/workspaces").json(&json!({"name": "Acme"}));
        let made = expect(request.send().await.unwrap(), 201).await;
        let workspace: Uuid = made["id"].as_str().unwrap().parse().unwrap();
        Self { fixture, owner, workspace: workspace.into() }
    }

    /// A path below the workspace's.
    pub(crate) fn path(&self, rest: &str) -> String {
        format!("/api/v1/workspaces/{}{rest}", self.workspace)
    }

    pub(crate) fn of(&self, member: &Member) -> String {
        self.path(&format!("/members/{}", member.id))
    }

    pub(crate) async fn send(&self, by: &Member, method: Method, path: &str, body: &Value) -> Response {
        self.fixture.by(by, method, path).json(body).send().await.unwrap()
    }

    pub(crate) async fn bare(&self, by: &Member, method: Method, path: &str) -> Response {
        self.fixture.by(by, method, path).send().await.unwrap()
    }

    /// Somebody whom the owner lets in with this role.
    pub(crate) async fn member(&self, email: &str, role: &str) -> Member {
        let member = self.fixture.member(email).await;
        let body = json!({"email": email, "role": role});
        expect(self.send(&self.owner, Method::POST, &self.path("/members"), &body).await, 201).await;
        member
    }

    /// Names and roles of the members, the oldest membership first.
    pub(crate) async fn roles(&self) -> Vec<(String, String)> {
        let listed = expect(self.bare(&self.owner, Method::GET, &self.path("/members")).await, 200).await;
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let items = listed["items"].as_array().unwrap();
        items.iter().map(|item| (text(&item["email"]), text(&item["role"]))).collect()
    }

    /// A stranger with a workspace of their own.
    pub(crate) async fn stranger(&self) -> Home {
        self.fixture.home().await
    }

    /// Mails what waits, and answers the token in the latest invitation of this address.
    pub(crate) async fn invited_by_mail(&self, to: &str) -> String {
        self.fixture.work().await;
        let mails = self.fixture.mails();
        let start = "http://localhost/accept-invitation?token=";
        let links = |mail: &kernel::Mail| {
            mail.text.lines().find_map(|line| line.strip_prefix(start)).map(ToOwned::to_owned)
        };
        mails.iter().rev().filter(|mail| mail.to == to).find_map(links).unwrap()
    }
}
