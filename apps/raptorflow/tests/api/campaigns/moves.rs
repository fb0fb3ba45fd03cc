//! Reading moves and carrying them out.

use super::scene::{executed, items, moves_of, status_of};
use crate::fixture::{Fixture, Home, expect, expect_problem, fields};
use campaign::Move;
use reqwest::{Method, Response};
use serde_json::{Value, json};

async fn act(fixture: &Fixture, home: &Home, m: &Value, action: &str, body: Value) -> Response {
    fixture.post(home, &path_of(m, action), &body).await
}

fn path_of(m: &Value, action: &str) -> String {
    format!("/api/v1/moves/{}/{action}", m["id"].as_str().unwrap())
}

/// The move as its use case answers it.
async fn stored(fixture: &Fixture, home: &Home, m: &Value) -> Move {
    let id = m["id"].as_str().unwrap().parse().unwrap();
    fixture.services.moves.get(&home.scope, id).await.unwrap()
}

#[actix_web::test]
async fn a_move_is_shown_whole() {
    let fixture = Fixture::start();
    let home = fixture.home().await;
    let campaign = executed(&fixture, &home, "2026-03-09").await;
    let moves = moves_of(&fixture, &home, campaign).await;
    let known = stored(&fixture, &home, &moves[0]).await;
    let tasks: Vec<Value> = known.tasks.iter().map(|t| json!({"text": t.text, "done": false})).collect();
    assert!(!tasks.is_empty() && !known.brief.is_empty());
    let mut expected = json!({
        "id": known.id, "workspace_id": home.workspace, "campaign_id": campaign, "title": known.title,
        "channel": known.channel, "stage": known.stage, "audience": known.audience,
        "objective": known.objective, "brief": known.brief, "tasks": tasks, "due_on": known.due_on,
        "status": "planned", "origin": "baseline", "measure": known.measure, "budget": null, "version": 1,
        "created_at": known.created_at, "updated_at": known.created_at,
    });
    if let Some(draft) = &known.draft {
        expected["draft"] = json!(draft);
    }
    assert_eq!(moves[0], expected);
    let response = fixture.get(&home, &format!("/api/v1/moves/{}", known.id)).await;
    assert_eq!(response.headers()["etag"], "\"1\"");
    assert_eq!(expect(response, 200).await, expected);
}

#[actix_web::test]
async fn moves_come_by_due_day_page_by_page_and_filtered() {
    let fixture = Fixture::start();
    let home = fixture.home().await;
    let campaign = executed(&fixture, &home, "2026-03-09").await;
    let all = moves_of(&fixture, &home, campaign).await;
    assert!(all.len() > 7, "{}", all.len());
    assert!(all.iter().map(|m| m["due_on"].as_str()).is_sorted());

    let (mut walked, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = expect(fixture.get(&home, &format!("/api/v1/moves?limit=5{cursor}")).await, 200).await;
        walked.extend(page["items"].as_array().unwrap().clone());
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(walked, all);

    expect(act(&fixture, &home, &all[3], "start", json!({})).await, 200).await;
    for list in ["/api/v1/moves?", &format!("/api/v1/campaigns/{campaign}/moves?")] {
        let begun = items(&fixture, &home, &format!("{list}status=in_progress")).await;
        assert_eq!(begun.iter().map(|m| &m["id"]).collect::<Vec<_>>(), [&all[3]["id"]], "{list}");
        let done = items(&fixture, &home, &format!("{list}status=done")).await;
        assert_eq!(done, [] as [Value; 0], "{list}");
    }
    let of_campaign =
        items(&fixture, &home, &format!("/api/v1/moves?limit=100&campaign_id={campaign}")).await;
    assert_eq!(of_campaign.len(), all.len());

    let problem = fixture.get(&home, "/api/v1/moves?status=lost&campaign_id=7&sort=title").await;
    let found = fields(&expect_problem(problem, 400, "invalid_query").await);
    let wanted = [("status", "unknown_value"), ("campaign_id", "invalid_format"), ("sort", "unknown_field")];
    assert_eq!(found, wanted.map(|(name, code)| (name.to_owned(), code.to_owned())));
}

#[actix_web::test]
async fn the_first_started_move_makes_the_campaign_active() {
    let fixture = Fixture::start();
    let home = fixture.home().await;
    let campaign = executed(&fixture, &home, "2026-03-09").await;
    assert_eq!(status_of(&fixture, &home, campaign).await, "planned");
    let mut m = moves_of(&fixture, &home, campaign).await.remove(0);
    let response = act(&fixture, &home, &m, "start", json!({})).await;
    assert_eq!(response.headers()["etag"], "\"2\"");
    m["status"] = json!("in_progress");
    m["version"] = json!(2);
    assert_eq!(expect(response, 200).await, m);
    assert_eq!(status_of(&fixture, &home, campaign).await, "active");
    expect_problem(act(&fixture, &home, &m, "start", json!({})).await, 409, "move_state").await;
}

#[actix_web::test]
async fn a_completed_move_tells_its_result_and_ticks_its_tasks_off() {
    let fixture = Fixture::start();
    let home = fixture.home().await;
    let campaign = executed(&fixture, &home, "2026-03-09").await;
    let mut m = moves_of(&fixture, &home, campaign).await.remove(0);
    let result = json!({"summary": " 40 sign-ups ", "value": 40});
    let response = act(&fixture, &home, &m, "complete", result).await;
    m["status"] = json!("done");
    m["version"] = json!(2);
    m["result"] = json!({"summary": "40 sign-ups", "value": 40});
    for task in m["tasks"].as_array_mut().unwrap() {
        task["done"] = json!(true);
    }
    assert_eq!(expect(response, 200).await, m);
    for action in ["start", "complete"] {
        expect_problem(act(&fixture, &home, &m, action, json!({})).await, 409, "move_state").await;
    }
    let skip = act(&fixture, &home, &m, "skip", json!({"reason": "late"})).await;
    expect_problem(skip, 409, "move_state").await;
}

#[actix_web::test]
async fn a_move_is_completed_without_a_word_and_skipped_with_a_reason() {
    let fixture = Fixture::start();
    let home = fixture.home().await;
    let campaign = executed(&fixture, &home, "2026-03-09").await;
    let moves = moves_of(&fixture, &home, campaign).await;
    let done = expect(act(&fixture, &home, &moves[0], "complete", json!({})).await, 200).await;
    assert_eq!(done["result"], json!({"summary": null, "value": null}));

    let skipped = act(&fixture, &home, &moves[1], "skip", json!({"reason": "The fair is off"})).await;
    let mut expected = moves[1].clone();
    expected["status"] = json!("skipped");
    expected["version"] = json!(2);
    expected["result"] = json!({"summary": "The fair is off", "value": null});
    assert_eq!(expect(skipped, 200).await, expected);
}

#[actix_web::test]
async fn a_wrong_body_or_version_changes_no_move() {
    let fixture = Fixture::start();
    let home = fixture.home().await;
    let campaign = executed(&fixture, &home, "2026-03-09").await;
    let moves = moves_of(&fixture, &home, campaign).await;
    let m = &moves[0];
    let long = "x".repeat(2_001);
    let wrong = [
        ("start", json!({"now": true}), vec![("/now", "unknown_field")]),
        (
            "complete",
            json!({"summary": long, "value": -1, "mood": 1}),
            vec![("/mood", "unknown_field"), ("/summary", "too_long"), ("/value", "too_small")],
        ),
        (
            "complete",
            json!({"summary": 7, "value": "x"}),
            vec![("/summary", "wrong_type"), ("/value", "wrong_type")],
        ),
        ("skip", json!({}), vec![("/reason", "required")]),
        ("skip", json!({"reason": "  "}), vec![("/reason", "required")]),
    ];
    for (action, body, expected) in wrong {
        let problem = act(&fixture, &home, m, action, body).await;
        let mut found = fields(&expect_problem(problem, 422, "invalid").await);
        found.sort();
        let expected: Vec<_> = expected.iter().map(|(p, c)| ((*p).to_owned(), (*c).to_owned())).collect();
        assert_eq!(found, expected, "{action}");
    }
    for (action, body) in [("start", json!({})), ("complete", json!({})), ("skip", json!({"reason": "no"}))] {
        let stale = fixture.call(&home, Method::POST, &path_of(m, action)).header("If-Match", "\"7\"");
        expect_problem(stale.json(&body).send().await.unwrap(), 412, "stale_version").await;
    }
    assert_eq!(moves_of(&fixture, &home, campaign).await, moves);
    let seen = fixture.call(&home, Method::POST, &path_of(m, "start")).header("If-Match", "\"1\"");
    expect(seen.json(&json!({})).send().await.unwrap(), 200).await;
}
