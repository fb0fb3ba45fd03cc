//! The main job, from an empty workspace to the day's wins.

use super::scene::{CHANNELS, campaign, items, moves_of, onboard, status_of};
use crate::fixture::{Fixture, expect};
use serde_json::{Value, json};
use std::time::Duration;

#[actix_web::test]
async fn from_an_onboarded_workspace_to_todays_wins() {
    let fixture = Fixture::start();
    let home = fixture.home().await;
    onboard(&fixture, &home).await;
    let id = campaign(&fixture, &home, "2026-03-03").await;

    let execute = format!("/api/v1/campaigns/execute/{id}");
    let response = fixture.post(&home, &execute, &json!({})).await;
    let run = response.headers()["location"].to_str().unwrap().to_owned();
    expect(response, 202).await;
    assert_eq!(expect(fixture.get(&home, &run).await, 200).await["status"], "queued");
    fixture.work().await;
    let run = expect(fixture.get(&home, &run).await, 200).await;
    assert_eq!(run["status"], "completed", "{run}");

    let planned = expect(fixture.get(&home, &format!("/api/v1/campaigns/{id}")).await, 200).await;
    assert_eq!((&planned["status"], &planned["planned_by"]), (&json!("planned"), &run["id"]));
    let moves = moves_of(&fixture, &home, id).await;
    assert!(moves.len() >= 12, "{}", moves.len());
    for m in &moves {
        let day = m["due_on"].as_str().unwrap();
        assert!(("2026-03-03"..="2026-03-30").contains(&day), "{day}");
        assert!(CHANNELS.contains(&m["channel"].as_str().unwrap()), "{m}");
        assert_eq!((&m["status"], &m["origin"]), (&json!("planned"), &json!("baseline")));
    }

    let last = moves.last().unwrap();
    let start = format!("/api/v1/moves/{}/start", last["id"].as_str().unwrap());
    expect(fixture.post(&home, &start, &json!({})).await, 200).await;
    assert_eq!(status_of(&fixture, &home, id).await, "active");

    let wins = items(&fixture, &home, "/api/v1/daily-wins").await;
    let begun = wins.iter().find(|win| win["move_id"] == last["id"]).unwrap();
    assert_eq!((&begun["kind"], &begun["status"]), (&json!("in_progress"), &json!("open")));
    let complete = format!("/api/v1/daily-wins/{}/complete", begun["id"].as_str().unwrap());
    expect(fixture.post(&home, &complete, &json!({})).await, 200).await;
    let today = expect(fixture.get(&home, "/api/v1/daily-wins").await, 200).await;
    assert_eq!(today["streak"], 1);
}

#[actix_web::test]
async fn a_planned_campaign_becomes_active_on_its_first_day() {
    let fixture = Fixture::start();
    let home = fixture.home().await;
    onboard(&fixture, &home).await;
    let id = campaign(&fixture, &home, "2026-03-03").await;
    expect(fixture.post(&home, &format!("/api/v1/campaigns/execute/{id}"), &json!({})).await, 202).await;
    fixture.work().await;
    assert_eq!(status_of(&fixture, &home, id).await, "planned");
    fixture.clock.advance(Duration::from_secs(15 * 60 * 60));
    fixture.work().await;
    assert_eq!(status_of(&fixture, &home, id).await, "active");
}

#[actix_web::test]
async fn planning_again_replaces_the_moves_that_nobody_has_touched() {
    let fixture = Fixture::start();
    let home = fixture.home().await;
    onboard(&fixture, &home).await;
    let id = campaign(&fixture, &home, "2026-03-09").await;
    let execute = async || {
        let path = format!("/api/v1/campaigns/execute/{id}");
        expect(fixture.post(&home, &path, &json!({})).await, 202).await;
        fixture.work().await;
    };
    execute().await;
    let before = moves_of(&fixture, &home, id).await;
    let skip = format!("/api/v1/moves/{}/skip", before[0]["id"].as_str().unwrap());
    expect(fixture.post(&home, &skip, &json!({"reason": "A fair that day"})).await, 200).await;
    execute().await;
    let after = moves_of(&fixture, &home, id).await;
    let ids = |moves: &[Value]| moves.iter().map(|m| m["id"].to_string()).collect::<Vec<_>>();
    let kept: Vec<_> = ids(&after).into_iter().filter(|id| ids(&before).contains(id)).collect();
    assert_eq!(kept, [before[0]["id"].to_string()]);
    assert_eq!(after.len(), before.len() + 1);
}
