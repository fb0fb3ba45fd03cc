//! A campaign on its way from active to archived.

use super::scene::{campaign, executed, items, moves_of, status_of};
use crate::fixture::{Fixture, Home, expect, expect_problem, fields};
use kernel::CampaignId;
use reqwest::{Method, Response};
use serde_json::{Value, json};

async fn act(fixture: &Fixture, home: &Home, campaign: CampaignId, action: &str) -> Response {
    fixture.post(home, &format!("/api/v1/campaigns/{campaign}/{action}"), &json!({})).await
}

#[actix_web::test]
async fn an_active_campaign_is_paused_resumed_completed_and_archived() {
    let fixture = Fixture::start();
    let home = fixture.home().await;
    let id = executed(&fixture, &home, "2026-03-02").await;
    let mut known = expect(fixture.get(&home, &format!("/api/v1/campaigns/{id}")).await, 200).await;
    assert_eq!(known["status"], "active");
    for (action, status) in
        [("pause", "paused"), ("resume", "active"), ("complete", "completed"), ("archive", "archived")]
    {
        let response = act(&fixture, &home, id, action).await;
        known["status"] = json!(status);
        known["version"] = json!(known["version"].as_i64().unwrap() + 1);
        assert_eq!(response.headers()["etag"], format!("\"{}\"", known["version"]).as_str());
        assert_eq!(expect(response, 200).await, known, "{action}");
        assert_eq!(status_of(&fixture, &home, id).await, status);
        expect_problem(act(&fixture, &home, id, action).await, 409, "campaign_state").await;
    }
}

#[actix_web::test]
async fn a_draft_is_cancelled_and_not_paused() {
    let fixture = Fixture::start();
    let home = fixture.home().await;
    let id = campaign(&fixture, &home, "2026-03-09").await;
    for action in ["pause", "resume", "complete", "archive"] {
        expect_problem(act(&fixture, &home, id, action).await, 409, "campaign_state").await;
    }
    assert_eq!(expect(act(&fixture, &home, id, "cancel").await, 200).await["status"], "cancelled");
    expect_problem(act(&fixture, &home, id, "cancel").await, 409, "campaign_state").await;
}

#[actix_web::test]
async fn only_the_version_that_was_seen_is_changed_and_only_by_an_empty_body() {
    let fixture = Fixture::start();
    let home = fixture.home().await;
    let id = campaign(&fixture, &home, "2026-03-09").await;
    for action in ["pause", "resume", "complete", "cancel", "archive"] {
        let path = format!("/api/v1/campaigns/{id}/{action}");
        let stale = fixture.call(&home, Method::POST, &path).header("If-Match", "\"2\"").json(&json!({}));
        expect_problem(stale.send().await.unwrap(), 412, "stale_version").await;
        let problem = fixture.post(&home, &path, &json!({"why": 1})).await;
        let found = fields(&expect_problem(problem, 422, "invalid").await);
        assert_eq!(found, [("/why".to_owned(), "unknown_field".to_owned())]);
    }
    let path = format!("/api/v1/campaigns/{id}/cancel");
    let seen = fixture.call(&home, Method::POST, &path).header("If-Match", "\"1\"").json(&json!({}));
    assert_eq!(expect(seen.send().await.unwrap(), 200).await["version"], 2);
}

#[actix_web::test]
async fn a_paused_campaign_brings_no_wins_and_a_cancelled_one_no_moves() {
    let fixture = Fixture::start();
    let home = fixture.home().await;
    let paused = executed(&fixture, &home, "2026-03-02").await;
    assert!(!moves_of(&fixture, &home, paused).await.is_empty());
    expect(act(&fixture, &home, paused, "pause").await, 200).await;
    let wins = expect(fixture.get(&home, "/api/v1/daily-wins").await, 200).await;
    assert_eq!(wins["items"], json!([]));

    let cancelled = campaign(&fixture, &home, "2026-03-09").await;
    let execute = format!("/api/v1/campaigns/execute/{cancelled}");
    let run = expect(fixture.post(&home, &execute, &json!({})).await, 202).await;
    expect(act(&fixture, &home, cancelled, "cancel").await, 200).await;
    fixture.work().await;
    assert_eq!(moves_of(&fixture, &home, cancelled).await, [] as [Value; 0]);
    let failed = items(&fixture, &home, "/api/v1/agents/runs?status=failed").await;
    assert_eq!(failed.len(), 1);
    assert_eq!((&failed[0]["id"], &failed[0]["error"]["code"]), (&run["run_id"], &json!("campaign_state")));
}
