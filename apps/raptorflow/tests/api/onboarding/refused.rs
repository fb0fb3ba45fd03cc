//! Who may not: strangers get 401, and what belongs to others does not exist.

use super::walk::{SESSIONS, bakery, describe, finalize, read, refused};
use crate::fixture::Fixture;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use uuid::Uuid;

const UNKNOWN: Uuid = Uuid::from_u128(0x0195_5555_0000_7000_8000_0000_0000_0001);

/// Every route, about one session, one workspace and one profile.
fn routes(session: &str, workspace: &str, icp: &str) -> Vec<(Method, String, Value)> {
    let get = |path: String| (Method::GET, path, Value::Null);
    let answers = json!({"step": "company", "answers": {"name": "Crumb & Co"}});
    vec![
        (Method::POST, format!("{SESSIONS}?workspace_id={workspace}"), json!({})),
        get(format!("{SESSIONS}/{session}")),
        (Method::PUT, format!("{SESSIONS}/{session}"), answers),
        (Method::POST, format!("{SESSIONS}/{session}/complete"), json!({"step": "company"})),
        get(format!("/api/v1/onboarding/progress?workspace_id={workspace}")),
        (Method::POST, "/api/v1/onboarding/finalize".to_owned(), json!({"session_id": session})),
        get(format!("/api/v1/bcm/{workspace}")),
        get(format!("/api/v1/bcm/{workspace}/info")),
        get(format!("/api/v1/bcm/{workspace}/versions")),
        get(format!("/api/v1/bcm/{workspace}/versions/1")),
        get(format!("/api/v1/bcm/{workspace}/integrity")),
        get(format!("/api/v1/foundation?workspace_id={workspace}")),
        get(format!("/api/v1/icps?workspace_id={workspace}")),
        get(format!("/api/v1/icps/{icp}")),
    ]
}

fn request(fixture: &Fixture, (method, path, body): (Method, String, Value)) -> RequestBuilder {
    let request = fixture.anonymous(method, &path);
    if body.is_null() { request } else { request.json(&body) }
}

#[actix_web::test]
async fn who_has_not_logged_in_is_401_everywhere() {
    let fixture = Fixture::start();
    let nobody = UNKNOWN.to_string();
    for route in routes(&nobody, &nobody, &nobody) {
        refused(request(&fixture, route.clone()), 401, "unauthenticated").await;
        refused(request(&fixture, route).bearer_auth("forged"), 401, "unauthenticated").await;
    }
}

#[actix_web::test]
async fn what_belongs_to_another_workspace_is_answered_as_what_does_not_exist() {
    let fixture = Fixture::start();
    let (owner, stranger) = (fixture.home().await, fixture.home().await);
    let session = describe(&fixture, &owner, &bakery()).await;
    let built = finalize(&fixture, &owner, &session).await;
    let icp = built["icps"][0]["id"].as_str().unwrap();
    let unknown = UNKNOWN.to_string();
    let theirs = routes(&session, &owner.workspace.to_string(), icp);
    for (foreign, unknown) in theirs.into_iter().zip(routes(&unknown, &unknown, &unknown)) {
        let what = foreign.1.clone();
        let foreign = refused(request(&fixture, foreign).bearer_auth(stranger.user), 404, "not_found").await;
        let unknown = refused(request(&fixture, unknown).bearer_auth(stranger.user), 404, "not_found").await;
        assert_eq!(foreign, unknown, "{what}");
    }
    assert_eq!(read(&fixture, &stranger, "/api/v1/icps").await["items"], json!([]));
    assert_eq!(read(&fixture, &stranger, "/api/v1/onboarding/progress").await["session_id"], Value::Null);
}
