//! Who gets nothing: nobody, and the members of another workspace.

use super::scene::{executed, four_weeks_from, items, moves_of};
use crate::fixture::{Fixture, Home, expect, expect_problem};
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

/// Every route that names one thing: method, path before and after the id, a good body.
fn routes_of_one() -> Vec<(&'static str, Method, &'static str, &'static str, Value)> {
    let mut routes = vec![
        ("campaign", Method::GET, "/api/v1/campaigns/", "", Value::Null),
        ("campaign", Method::POST, "/api/v1/campaigns/execute/", "", json!({})),
        ("campaign", Method::GET, "/api/v1/campaigns/", "/moves", Value::Null),
        ("campaign", Method::GET, "/api/v1/moves?campaign_id=", "", Value::Null),
        ("move", Method::GET, "/api/v1/moves/", "", Value::Null),
        ("move", Method::POST, "/api/v1/moves/", "/start", json!({})),
        ("move", Method::POST, "/api/v1/moves/", "/complete", json!({})),
        ("move", Method::POST, "/api/v1/moves/", "/skip", json!({"reason": "none of mine"})),
        ("win", Method::POST, "/api/v1/daily-wins/", "/complete", json!({})),
        ("win", Method::POST, "/api/v1/daily-wins/", "/dismiss", json!({})),
        ("agent", Method::GET, "/api/v1/agents/", "", Value::Null),
        ("run", Method::GET, "/api/v1/agents/runs/", "", Value::Null),
        ("run", Method::GET, "/api/v1/agents/runs/", "/steps", Value::Null),
    ];
    for action in ["/pause", "/resume", "/complete", "/cancel", "/archive"] {
        routes.push(("campaign", Method::POST, "/api/v1/campaigns/", action, json!({})));
    }
    routes
}

const ROUTES_OF_ALL: [&str; 6] = [
    "/api/v1/campaigns/list",
    "/api/v1/moves",
    "/api/v1/daily-wins",
    "/api/v1/daily-wins/streak",
    "/api/v1/agents",
    "/api/v1/agents/runs",
];

#[actix_web::test]
async fn nobody_gets_anything_without_a_token_whatever_they_send() {
    let fixture = Fixture::start();
    for (_, method, before, after, _) in routes_of_one() {
        let path = format!("{before}{}{after}", Uuid::nil());
        let request = fixture.anonymous(method, &path).json(&json!({"unknown": 1}));
        expect_problem(request.send().await.unwrap(), 401, "unauthenticated").await;
    }
    for path in ROUTES_OF_ALL {
        let request = fixture.anonymous(Method::GET, path);
        expect_problem(request.send().await.unwrap(), 401, "unauthenticated").await;
    }
    let create = fixture.anonymous(Method::POST, "/api/v1/campaigns/create").json(&json!({}));
    expect_problem(create.send().await.unwrap(), 401, "unauthenticated").await;
}

/// A problem without what differs from request to request.
async fn refusal(fixture: &Fixture, who: &Home, method: Method, path: &str, body: &Value) -> Value {
    let mut request = fixture.call(who, method, path);
    if !body.is_null() {
        request = request.json(body);
    }
    let mut problem = expect_problem(request.send().await.unwrap(), 404, "not_found").await;
    for varying in ["correlation_id", "instance"] {
        problem.as_object_mut().unwrap().remove(varying);
    }
    problem
}

#[actix_web::test]
async fn another_workspaces_things_are_like_unknown_ones() {
    let fixture = Fixture::start();
    let (home, stranger) = (fixture.home().await, fixture.home().await);
    let campaign = executed(&fixture, &home, "2026-03-02").await;
    let wins = expect(fixture.get(&home, "/api/v1/daily-wins").await, 200).await;
    let first = async |list: &str| items(&fixture, &home, list).await.remove(0)["id"].take();
    let moves = moves_of(&fixture, &home, campaign).await;
    let (agent, run) = (first("/api/v1/agents").await, first("/api/v1/agents/runs").await);
    for (what, method, before, after, body) in routes_of_one() {
        let id = match what {
            "campaign" => json!(campaign),
            "move" => moves[0]["id"].clone(),
            "win" => wins["items"][0]["id"].clone(),
            "agent" => agent.clone(),
            _ => run.clone(),
        };
        let path = |id: &str| format!("{before}{id}{after}");
        let foreign = refusal(&fixture, &stranger, method.clone(), &path(id.as_str().unwrap()), &body).await;
        let unknown =
            refusal(&fixture, &stranger, method, &path(&Uuid::from_u128(7).to_string()), &body).await;
        assert_eq!(foreign, unknown, "{before}{after}");
    }
    assert_eq!(moves_of(&fixture, &home, campaign).await, moves);
    assert_eq!(expect(fixture.get(&home, "/api/v1/daily-wins").await, 200).await, wins);
}

#[actix_web::test]
async fn another_workspaces_lists_are_not_mixed_in() {
    let fixture = Fixture::start();
    let (home, stranger) = (fixture.home().await, fixture.home().await);
    let campaign = executed(&fixture, &home, "2026-03-02").await;
    for path in ["/api/v1/campaigns/list", "/api/v1/moves", "/api/v1/daily-wins", "/api/v1/agents/runs"] {
        assert_eq!(items(&fixture, &stranger, path).await, [] as [Value; 0], "{path}");
    }
    let runs = items(&fixture, &stranger, &format!("/api/v1/agents/runs?campaign_id={campaign}")).await;
    assert_eq!(runs, [] as [Value; 0]);
    let council = items(&fixture, &stranger, "/api/v1/agents").await;
    assert!(council.iter().all(|agent| agent["workspace_id"] == json!(stranger.workspace)));
    for path in ROUTES_OF_ALL {
        let sign = if path.contains('?') { '&' } else { '?' };
        let foreign = format!("{path}{sign}workspace_id={}", home.workspace);
        expect_problem(fixture.get(&stranger, &foreign).await, 404, "not_found").await;
    }
    let create = format!("/api/v1/campaigns/create?workspace_id={}", home.workspace);
    expect_problem(fixture.post(&stranger, &create, &four_weeks_from("2026-03-09")).await, 404, "not_found")
        .await;
}

#[actix_web::test]
async fn what_is_no_id_names_nothing() {
    let fixture = Fixture::start();
    let home = fixture.home().await;
    for (_, method, before, after, body) in routes_of_one() {
        let mut request = fixture.call(&home, method, &format!("{before}7{after}"));
        if !body.is_null() {
            request = request.json(&body);
        }
        let code = if before.contains('?') { "invalid_query" } else { "invalid_path" };
        expect_problem(request.send().await.unwrap(), 400, code).await;
    }
}
