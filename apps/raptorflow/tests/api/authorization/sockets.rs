//! WebSockets, which the table of routes lacks: whatever the stream of the same facts answers somebody, the WebSocket answers.

use super::foreign::Foreign;
use super::routes::{Route, routes};
use super::scene::{Scene, call, nowhere};
use crate::fixture::Fixture;
use kernel::KeyScope;
use raptorflow::http::areas;
use raptorflow::http::routes::sockets;
use reqwest::RequestBuilder;
use serde_json::Value;

/// Every WebSocket, with the route of its stream.
fn pairs() -> Vec<(Route, Route)> {
    let streams = routes();
    let sibling = |path: &&str| {
        let of_stream = path.strip_suffix("/ws").map(|path| format!("{path}/stream"));
        let stream = streams.iter().find(|route| Some(&route.path) == of_stream.as_ref());
        let stream = stream.unwrap_or_else(|| panic!("{path} has no stream of the same facts"));
        (stream.clone(), Route { path: (*path).to_owned(), ..stream.clone() })
    };
    let found: Vec<_> = sockets(areas).iter().map(sibling).collect();
    assert!(!found.is_empty());
    found
}

/// Status and code; the stream's 200 is the WebSocket's 101.
async fn answer(request: RequestBuilder) -> (u16, String) {
    let request = request.header("connection", "Upgrade").header("upgrade", "websocket");
    let request = request.header("sec-websocket-version", "13");
    let response = request.header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==").send().await.unwrap();
    match response.status().as_u16() {
        open @ (101 | 200) => (200, format!("open by {open}")),
        status => {
            let body: Value = response.json().await.unwrap();
            (status, body["code"].as_str().unwrap().to_owned())
        }
    }
}

/// Asks both, and answers what both say.
async fn both(
    pair: &(Route, Route),
    ask: impl AsyncFn(&Route) -> RequestBuilder,
    who: &str,
) -> (u16, String) {
    let (stream, socket) = (answer(ask(&pair.0).await).await, answer(ask(&pair.1).await).await);
    let are_open = stream.1 == "open by 200" && socket.1 == "open by 101";
    assert!(stream == socket || are_open, "{} to {who}: {socket:?}, the stream {stream:?}", pair.1.path);
    stream
}

#[test]
fn every_websocket_is_described() {
    let described = include_str!("../../../../../docs/real-time.md");
    for path in sockets(areas) {
        assert!(described.contains(&format!("`GET {path}`")), "{path}");
    }
}

#[tokio::test]
async fn a_websocket_lets_in_whom_the_stream_of_the_same_facts_lets_in_and_nobody_else() {
    for pair in &pairs() {
        let fixture = Fixture::with_real_logins();
        let (scene, theirs) = (Scene::new(&fixture, "ours").await, Foreign::new(&fixture).await);
        let allowed = pair.0.row.allowed;
        for (role, person) in [("member", &scene.member), ("admin", &scene.admin), ("owner", &scene.owner)] {
            let ask = async |route: &Route| {
                call(&fixture, route, scene.workspace, &nowhere).bearer_auth(&person.access)
            };
            assert_eq!(both(pair, ask, role).await.0, allowed, "{role}");
        }
        let stranger = fixture.member("stranger@example.com").await;
        for (who, token) in
            [("a stranger", &*stranger.access), ("a refresh token", &scene.owner.refresh), ("?", "x")]
        {
            let ask =
                async |route: &Route| call(&fixture, route, scene.workspace, &nowhere).bearer_auth(token);
            let status = both(pair, ask, who).await.0;
            assert_eq!(status, if who == "a stranger" { 404 } else { 401 }, "{who}");
        }
        let ask = async |route: &Route| call(&fixture, route, scene.workspace, &nowhere);
        assert_eq!(both(pair, ask, "nobody").await.0, 401);
        let id = |name: &str| theirs.id(&pair.0.path, name);
        if !pair.0.ids().is_empty() {
            let ask = async |route: &Route| {
                call(&fixture, route, scene.workspace, &id).bearer_auth(&scene.owner.access)
            };
            assert_eq!(both(pair, ask, "another tenant's id").await.0, 404);
        }
    }
}

#[tokio::test]
async fn a_key_opens_a_websocket_by_the_scope_of_the_stream() {
    for pair in &pairs() {
        let fixture = Fixture::with_real_logins();
        let scene = Scene::new(&fixture, "scene").await;
        let needed = pair.0.key_scope.clone().unwrap();
        let others: Vec<_> =
            KeyScope::all().map(|scope| scope.to_string()).filter(|scope| *scope != needed).collect();
        for (scopes, status) in [(others, 403), (vec![needed], pair.0.row.allowed)] {
            let key = scene.key(&fixture, &scopes).await;
            let ask = async |route: &Route| {
                call(&fixture, route, scene.workspace, &nowhere).header("X-API-Key", &key)
            };
            assert_eq!(both(pair, ask, &format!("{scopes:?}")).await.0, status);
        }
    }
}
