//! Other tenants' ids: what is somebody else's answers as what is nobody's, byte for byte.

use super::foreign::Foreign;
use super::routes::routes;
use super::scene::{NOWHERE, Scene, body_of, call, nowhere};
use crate::fixture::Fixture;
use raptorflow::wiring::Store;
use reqwest::RequestBuilder;

/// Status, headers and body, without what differs by nature: the correlation id, the date, the asked-for id, and whether
/// the body had come in by the time of the answer (`connection: close` when it had not).
async fn shown(request: RequestBuilder, asked: &[String]) -> String {
    let response = request.send().await.unwrap();
    let status = response.status();
    let mut headers: Vec<String> = response
        .headers()
        .iter()
        .filter(|(name, _)| !matches!(name.as_str(), "x-correlation-id" | "date" | "connection"))
        .map(|(name, value)| {
            // Lists come out of a set, in any order.
            let mut parts: Vec<&str> = value.to_str().unwrap().split(", ").collect();
            parts.sort_unstable();
            format!("{name}: {}", parts.join(", "))
        })
        .collect();
    headers.sort();
    let mut body = body_of(response).await;
    let correlation = body.split("\"correlation_id\":\"").nth(1).and_then(|rest| rest.split('"').next());
    if let Some(correlation) = correlation.map(ToOwned::to_owned) {
        body = body.replace(&correlation, "(correlation)");
    }
    for id in asked {
        body = body.replace(id, "(asked)");
    }
    format!("{status}\n{}\n{body}", headers.join("\n"))
}

/// Another tenant's workspace answers as an unknown one.
async fn workspaces<S: Store>(fixture: Fixture<S>) {
    let (ours, theirs) = (Scene::new(&fixture, "ours").await, Scene::new(&fixture, "theirs").await);
    let key =
        ours.key(&fixture, &kernel::KeyScope::all().map(|scope| scope.to_string()).collect::<Vec<_>>()).await;
    let mut wrong = Vec::new();
    for route in routes().iter().filter(|route| route.is_in_a_workspace()) {
        for (who, credentials) in
            [("Authorization", format!("Bearer {}", ours.owner.access)), ("X-API-Key", key.clone())]
        {
            let ask = async |workspace: uuid::Uuid| {
                let request = call(&fixture, route, workspace, &nowhere).header(who, &credentials);
                shown(request, &[workspace.to_string(), NOWHERE.to_string()]).await
            };
            let (foreign, unknown) = (ask(theirs.workspace).await, ask(NOWHERE).await);
            // What is only for people refuses a program before any workspace is looked up.
            let refuses_keys = who == "X-API-Key" && route.key_scope.is_none() && foreign.starts_with("403");
            if foreign != unknown || !(foreign.starts_with("404") || refuses_keys) {
                wrong.push(format!("{} by {who}:\n{foreign}\nbut unknown\n{unknown}", route.operation));
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong answers:\n{}", wrong.len(), wrong.join("\n\n"));
}

/// Another tenant's thing answers as an unknown one.
async fn things<S: Store>(fixture: Fixture<S>) {
    let ours = Scene::new(&fixture, "ours").await;
    let theirs = Foreign::new(&fixture).await;
    let mut wrong = Vec::new();
    for route in routes().iter().filter(|route| !route.is_open() && !route.ids().is_empty()) {
        let ask = async |id: &dyn Fn(&str) -> String| {
            let asked: Vec<String> = route.ids().iter().map(|name| id(name)).collect();
            let request = call(&fixture, route, ours.workspace, id).bearer_auth(&ours.owner.access);
            shown(request, &asked).await
        };
        let foreign = ask(&|name| theirs.id(&route.path, name)).await;
        let unknown = ask(&nowhere).await;
        // What only platform administrators may do is refused before anything is looked up.
        let status = if route.access == "platform_admin" { "403" } else { "404" };
        if foreign != unknown || !foreign.starts_with(status) {
            wrong.push(format!("{}:\n{foreign}\nbut unknown\n{unknown}", route.operation));
        }
    }
    assert!(wrong.is_empty(), "{} wrong answers:\n{}", wrong.len(), wrong.join("\n\n"));
}

mod memory {
    use crate::fixture::Fixture;

    #[tokio::test]
    async fn another_tenants_workspace_answers_as_an_unknown_one() {
        super::workspaces(Fixture::with_real_logins()).await;
    }

    #[tokio::test]
    async fn another_tenants_thing_answers_as_an_unknown_one() {
        super::things(Fixture::with_real_logins()).await;
    }
}

mod sqlite {
    use crate::fixture::Fixture;
    use crate::fixture::databases::on_sqlite;

    #[tokio::test]
    async fn another_tenants_workspace_answers_as_an_unknown_one() {
        let folder = tempfile::tempdir().unwrap();
        let store = on_sqlite(&folder.path().join("strangers.db")).await;
        super::workspaces(Fixture::over(true, |standings| store.with_revocations(standings))).await;
    }

    #[tokio::test]
    async fn another_tenants_thing_answers_as_an_unknown_one() {
        let folder = tempfile::tempdir().unwrap();
        let store = on_sqlite(&folder.path().join("strangers.db")).await;
        super::things(Fixture::over(true, |standings| store.with_revocations(standings))).await;
    }
}

mod postgres {
    use crate::fixture::Fixture;
    use crate::fixture::databases::on_postgres;

    #[tokio::test]
    async fn another_tenants_workspace_answers_as_an_unknown_one() {
        let store = on_postgres().await.0;
        super::workspaces(Fixture::over(true, |standings| store.with_revocations(standings))).await;
    }

    #[tokio::test]
    async fn another_tenants_thing_answers_as_an_unknown_one() {
        let store = on_postgres().await.0;
        super::things(Fixture::over(true, |standings| store.with_revocations(standings))).await;
    }
}
