//! Programs with API keys.

use super::probe::{ORIGIN, Probe, expect_problem, probe, workspace};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};

const LIST: &str = "/api/v1/probe/campaigns?limit=2";
const CAMPAIGN: &str = "/api/v1/probe/campaigns/00000000-0000-0000-0000-000000000007";

fn by_key(probe: &Probe, method: Method, path: &str) -> RequestBuilder {
    probe.anonymous(method, path).header("x-api-key", "rf_campaigns")
}

async fn get(request: RequestBuilder) -> Response {
    request.send().await.unwrap()
}

#[actix_web::test]
async fn a_program_acts_in_the_workspace_of_its_key() {
    let probe = probe().await;
    let as_bearer = probe.anonymous(Method::GET, CAMPAIGN).bearer_auth("rf_campaigns");
    let twice = by_key(&probe, Method::GET, CAMPAIGN).bearer_auth("rf_campaigns");
    let named = by_key(&probe, Method::GET, CAMPAIGN).header("x-workspace-id", workspace(11).to_string());
    for request in [by_key(&probe, Method::GET, CAMPAIGN), as_bearer, twice, named] {
        let seen: Value = get(request).await.json().await.unwrap();
        assert_eq!(seen["workspace_id"], workspace(11).to_string());
    }
    let of = |n| by_key(&probe, Method::GET, CAMPAIGN).header("x-workspace-id", workspace(n).to_string());
    let other = expect_problem(get(of(10)).await, 404, "not_found").await;
    let unknown = expect_problem(get(of(999)).await, 404, "not_found").await;
    assert_eq!((&other["detail"], &other["title"]), (&unknown["detail"], &unknown["title"]));
}

#[actix_web::test]
async fn a_bad_key_is_401_and_keys_that_disagree_are_400() {
    let probe = probe().await;
    for request in [
        probe.anonymous(Method::GET, CAMPAIGN).header("x-api-key", "rf_unknown"),
        probe.anonymous(Method::GET, CAMPAIGN).bearer_auth("rf_unknown"),
        probe.anonymous(Method::GET, CAMPAIGN).header("x-api-key", "user-1"),
    ] {
        let response = get(request).await;
        assert_eq!(response.headers()["www-authenticate"], "Bearer error=\"invalid_token\"");
        expect_problem(response, 401, "unauthenticated").await;
    }
    let disagree = by_key(&probe, Method::GET, CAMPAIGN).bearer_auth("user-1");
    expect_problem(get(disagree).await, 400, "credentials_conflict").await;
    let repeated = by_key(&probe, Method::GET, CAMPAIGN).header("x-api-key", "rf_campaigns");
    expect_problem(get(repeated).await, 400, "malformed_header").await;
    let down = probe.anonymous(Method::GET, CAMPAIGN).header("x-api-key", "rf_down");
    expect_problem(get(down).await, 503, "unavailable").await;
}

#[actix_web::test]
async fn what_is_a_persons_own_is_nothing_for_a_program() {
    let probe = probe().await;
    let refused = get(by_key(&probe, Method::DELETE, CAMPAIGN)).await;
    expect_problem(refused, 403, "api_key_not_accepted").await;
    let unknown = probe.anonymous(Method::DELETE, CAMPAIGN).header("x-api-key", "rf_unknown");
    expect_problem(get(unknown).await, 401, "unauthenticated").await;
}

#[actix_web::test]
async fn a_programs_cursors_and_idempotency_keys_are_its_own() {
    let probe = probe().await;
    let page: Value = get(by_key(&probe, Method::GET, LIST)).await.json().await.unwrap();
    let on = format!("{LIST}&cursor={}", page["next_cursor"].as_str().unwrap());
    assert_eq!(get(by_key(&probe, Method::GET, &on)).await.status(), 200);
    let person = probe.call(Method::GET, &on).header("x-workspace-id", workspace(11).to_string());
    expect_problem(get(person).await, 400, "cursor_invalid").await;
    let body = json!({"name": "Spring", "goal": "leads", "channels": []});
    let post = by_key(&probe, Method::POST, "/api/v1/probe/campaigns").header("idempotency-key", "k");
    let seen: Value = get(post.json(&body)).await.json().await.unwrap();
    let owner = seen["key_owner"].as_str().unwrap();
    assert!(owner.starts_with("api_key 00000000-0000-0000-0000-000000000005 "), "{owner}");
}

#[actix_web::test]
async fn web_pages_may_send_keys() {
    let probe = probe().await;
    let preflight = probe
        .anonymous(Method::OPTIONS, CAMPAIGN)
        .header("origin", ORIGIN)
        .header("access-control-request-method", "GET")
        .header("access-control-request-headers", "x-api-key");
    let answer = get(preflight).await;
    let allowed = answer.headers()["access-control-allow-headers"].to_str().unwrap().to_lowercase();
    assert!(allowed.contains("x-api-key"), "{allowed}");
}

#[actix_web::test]
async fn the_document_says_where_keys_are_accepted_and_what_they_need() {
    let probe = probe().await;
    let document: Value = get(probe.anonymous(Method::GET, "/openapi.json")).await.json().await.unwrap();
    let scheme = &document["components"]["securitySchemes"]["api_key"];
    assert_eq!(
        (&scheme["type"], &scheme["in"], &scheme["name"]),
        (&json!("apiKey"), &json!("header"), &json!("X-API-Key"))
    );
    let both = json!([{"bearer": []}, {"api_key": []}]);
    for (path, method, scope) in [
        ("/api/v1/campaigns/list", "get", "campaigns:read"),
        ("/api/v1/campaigns/create", "post", "campaigns:write"),
        ("/api/v1/workspaces/{workspace_id}", "put", "workspaces:write"),
        ("/api/v1/onboarding/session", "post", "onboarding:write"),
    ] {
        let operation = &document["paths"][path][method];
        assert_eq!((&operation["x-scope"], &operation["security"]), (&json!(scope), &both), "{path}");
    }
    for (path, method) in [
        ("/api/v1/workspaces", "post"),
        ("/api/v1/workspaces/{workspace_id}/members", "get"),
        ("/api/v1/workspaces/{workspace_id}/api-keys", "post"),
        ("/api/v1/workspaces/{workspace_id}/budget", "put"),
        ("/api/v1/auth/me", "get"),
    ] {
        let operation = &document["paths"][path][method];
        assert_eq!(
            (&operation["x-scope"], &operation["security"]),
            (&Value::Null, &json!([{"bearer": []}])),
            "{path}"
        );
    }
}
