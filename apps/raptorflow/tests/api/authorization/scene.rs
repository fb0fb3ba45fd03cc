//! A workspace with somebody of each role, and calls of each route.

use super::routes::Route;
use crate::fixture::logins::Member;
use crate::fixture::{Fixture, expect};
use raptorflow::wiring::Store;
use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};
use uuid::Uuid;

/// Where the ids of a path lead that name nothing.
pub(crate) const NOWHERE: Uuid = Uuid::from_u128(0x0197_6f6e_0000_7000_8000_0000_dead_beef);

/// A workspace and its people.
pub(crate) struct Scene {
    pub(crate) workspace: Uuid,
    pub(crate) owner: Member,
    pub(crate) admin: Member,
    pub(crate) member: Member,
}

impl Scene {
    /// A workspace of new people.
    pub(crate) async fn new<S: Store>(fixture: &Fixture<S>, name: &str) -> Self {
        let person = async |role: &str| fixture.member(&format!("{name}.{role}@example.com")).await;
        let (owner, admin, member) = (person("owner").await, person("admin").await, person("member").await);
        let new = json!({ "name": name });
        let made = fixture.by(&owner, Method::POST, "/api/v1/workspaces").json(&new).send().await.unwrap();
        let workspace: Uuid = expect(made, 201).await["id"].as_str().unwrap().parse().unwrap();
        let scene = Self { workspace, owner, admin, member };
        scene.join(fixture, &scene.admin, "admin").await;
        scene.join(fixture, &scene.member, "member").await;
        fixture.work().await;
        scene
    }

    async fn join<S: Store>(&self, fixture: &Fixture<S>, person: &Member, role: &str) {
        let path = format!("/api/v1/workspaces/{}/members", self.workspace);
        let new = json!({ "email": person.email, "role": role });
        let joined = fixture.by(&self.owner, Method::POST, &path).json(&new).send().await.unwrap();
        expect(joined, 201).await;
    }

    /// A key with these scopes, made by the owner.
    pub(crate) async fn key<S: Store>(&self, fixture: &Fixture<S>, scopes: &[String]) -> String {
        let path = format!("/api/v1/workspaces/{}/api-keys", self.workspace);
        let new = json!({ "name": "A program", "scopes": scopes });
        let made = fixture.by(&self.owner, Method::POST, &path).json(&new).send().await.unwrap();
        expect(made, 201).await["key"].as_str().unwrap().to_owned()
    }
}

/// A call of the route in this workspace, where other ids of the path are `id`, with the body of the route's row.
pub(crate) fn call<S: Store>(
    fixture: &Fixture<S>,
    route: &Route,
    workspace: Uuid,
    id: &dyn Fn(&str) -> String,
) -> RequestBuilder {
    let mut path = String::new();
    for (index, part) in route.path.split('{').enumerate() {
        let (name, rest) = if index == 0 { ("", part) } else { part.split_once('}').unwrap() };
        match name {
            "" => {}
            "workspace_id" => path += &workspace.to_string(),
            name => path += &id(name),
        }
        path += rest;
    }
    let mut request = fixture.anonymous(route.method.clone(), &format!("{path}{}", route.row.query));
    if route.is_in_a_workspace() && !route.path.contains("{workspace_id}") {
        request = request.header("X-Workspace-Id", workspace.to_string());
    }
    if !route.row.body.is_empty() {
        let body: Value = serde_json::from_str(route.row.body).unwrap();
        request = request.json(&body);
    }
    request
}

/// The body of an answer; its beginning, when it has no end.
pub(crate) async fn body_of(mut response: Response) -> String {
    let is_endless = response.headers().get("content-type").is_some_and(|kind| kind == "text/event-stream");
    if is_endless {
        let beginning = response.chunk().await.unwrap().unwrap();
        return String::from_utf8(beginning.to_vec()).unwrap();
    }
    response.text().await.unwrap()
}

/// What stands for an id or a word in a path when it is to lead nowhere.
pub(crate) fn nowhere(name: &str) -> String {
    match name {
        name if name.ends_with("_id") => NOWHERE.to_string(),
        "version" => "1".to_owned(),
        name => format!("no-such-{name}"),
    }
}
