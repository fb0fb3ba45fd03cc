//! Who calls, and for which workspace.

use super::probe::{expect_problem, fields, probe, workspace};
use reqwest::Method;
use serde_json::Value;

const CAMPAIGN: &str = "/api/v1/probe/campaigns/00000000-0000-0000-0000-000000000007";

#[actix_web::test]
async fn without_good_credentials_the_answer_is_401_with_a_challenge() {
    let probe = probe().await;
    for authorization in ["", "Bearer", "Bearer ", "Basic dXNlcg==", "Bearer forged", "user-1"] {
        let request = probe.anonymous(Method::GET, CAMPAIGN).header("authorization", authorization);
        let response = request.send().await.unwrap();
        let challenge =
            if authorization == "Bearer forged" { "Bearer error=\"invalid_token\"" } else { "Bearer" };
        assert_eq!(response.headers()["www-authenticate"], challenge, "{authorization}");
        expect_problem(response, 401, "unauthenticated").await;
    }
    let twice =
        probe.call(Method::GET, CAMPAIGN).header("authorization", "Bearer user-2").send().await.unwrap();
    expect_problem(twice, 400, "malformed_header").await;
}

#[actix_web::test]
async fn a_database_that_is_away_is_503_and_says_when_to_come_again() {
    let probe = probe().await;
    let response = probe.anonymous(Method::GET, CAMPAIGN).bearer_auth("down").send().await.unwrap();
    assert_eq!(response.headers()["retry-after"], "2");
    expect_problem(response, 503, "unavailable").await;
}

#[actix_web::test]
async fn a_stale_token_does_not_keep_anybody_from_a_public_route() {
    let probe = probe().await;
    let response = probe
        .anonymous(Method::POST, "/api/v1/auth/probe")
        .bearer_auth("forged")
        .json(&serde_json::json!({}));
    let body: Value = response.send().await.unwrap().json().await.unwrap();
    assert_eq!(body["actor"]["kind"], "anonymous");
}

#[actix_web::test]
async fn the_workspace_comes_from_header_then_query_then_the_first_one() {
    let probe = probe().await;
    let at = |path: String, header: Option<String>| {
        let request = probe.call(Method::GET, &path);
        let request =
            header.into_iter().fold(request, |request, value| request.header("x-workspace-id", value));
        async move { request.send().await.unwrap() }
    };
    let (ten, eleven, foreign) = (workspace(10), workspace(11), workspace(12));
    let seen = async |path: String, header: Option<String>| {
        let body: Value = at(path, header).await.json().await.unwrap();
        body["workspace_id"].as_str().unwrap().to_owned()
    };
    assert_eq!(seen(CAMPAIGN.to_owned(), None).await, ten.to_string());
    assert_eq!(seen(CAMPAIGN.to_owned(), Some(eleven.to_string())).await, eleven.to_string());
    assert_eq!(seen(format!("{CAMPAIGN}?workspace_id={eleven}"), None).await, eleven.to_string());
    let both = format!("{CAMPAIGN}?workspace_id={ten}");
    assert_eq!(seen(both.clone(), Some(ten.to_string())).await, ten.to_string());
    expect_problem(at(both, Some(eleven.to_string())).await, 400, "workspace_conflict").await;
    for bad in ["nonsense", ""] {
        expect_problem(at(CAMPAIGN.to_owned(), Some(bad.to_owned())).await, 400, "invalid_workspace_id")
            .await;
    }
    let repeated = format!("{CAMPAIGN}?workspace_id={ten}&workspace_id={ten}");
    expect_problem(at(repeated, None).await, 400, "invalid_workspace_id").await;
    let stranger =
        expect_problem(at(CAMPAIGN.to_owned(), Some(foreign.to_string())).await, 404, "not_found").await;
    let unknown = at(CAMPAIGN.to_owned(), Some(workspace(999).to_string())).await;
    let unknown = expect_problem(unknown, 404, "not_found").await;
    assert_eq!((&stranger["detail"], &stranger["title"]), (&unknown["detail"], &unknown["title"]));
}

#[actix_web::test]
async fn who_has_no_workspace_is_told_so() {
    let probe = probe().await;
    let response = probe.anonymous(Method::GET, CAMPAIGN).bearer_auth("user-2").send().await.unwrap();
    expect_problem(response, 404, "no_workspace").await;
}

#[actix_web::test]
async fn an_id_that_is_no_uuid_is_an_invalid_path() {
    let probe = probe().await;
    let response = probe.call(Method::GET, "/api/v1/probe/campaigns/seven").send().await.unwrap();
    let problem = expect_problem(response, 400, "invalid_path").await;
    assert_eq!(fields(&problem), [("campaign_id".to_owned(), "invalid_format".to_owned())]);
    let removed = probe.call(Method::DELETE, CAMPAIGN).send().await.unwrap();
    assert_eq!(removed.status(), 204);
}

#[actix_web::test]
async fn the_address_is_the_clients_behind_a_trusted_proxy() {
    let probe = probe().await;
    let request = probe
        .call(Method::POST, "/api/v1/probe/campaigns")
        .header("x-forwarded-for", "6.6.6.6, 198.51.100.7");
    let body = serde_json::json!({"name": "Spring", "goal": "leads", "channels": []});
    let seen: Value = request.json(&body).send().await.unwrap().json().await.unwrap();
    assert_eq!(seen["address"], "198.51.100.7");
}
