//! Making, reading and executing campaigns.

use super::scene::{NOW, campaign, executed, four_weeks_from, items, onboard, status_of};
use crate::fixture::{Fixture, expect, expect_problem, fields};
use reqwest::Method;
use serde_json::{Value, json};

const CREATE: &str = "/api/v1/campaigns/create";

#[actix_web::test]
async fn a_campaign_is_made_as_a_draft_and_found_where_the_answer_says() {
    let fixture = Fixture::start();
    let home = fixture.home().await;
    let icps = onboard(&fixture, &home).await;
    let body = json!({
        "name": "  Spring ", "goal": "More trials", "channels": ["Twitter", "linkedin"], "icp_ids": icps,
        "starts_on": "2026-03-09", "ends_on": "2026-04-05", "budget": {"amount": 250_000, "currency": "USD"},
    });
    let response = fixture.post(&home, CREATE, &body).await;
    let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
    let (location, tag) = (header("location"), header("etag"));
    let made = expect(response, 201).await;
    let expected = json!({
        "id": made["id"], "workspace_id": home.workspace, "name": "Spring", "goal": "More trials",
        "status": "draft", "channels": ["twitter", "linkedin"], "icp_ids": icps,
        "starts_on": "2026-03-09", "ends_on": "2026-04-05", "budget": {"amount": 250_000, "currency": "USD"},
        "planned_by": null, "version": 1, "created_at": NOW, "updated_at": NOW,
    });
    assert_eq!(made, expected);
    assert_eq!(location, format!("/api/v1/campaigns/{}", made["id"].as_str().unwrap()));
    assert_eq!(tag, "\"1\"");
    let read = fixture.get(&home, &location).await;
    assert_eq!(read.headers()["etag"], "\"1\"");
    assert_eq!(expect(read, 200).await, expected);
}

#[actix_web::test]
async fn every_wrong_field_of_a_campaign_is_told_at_once() {
    let fixture = Fixture::start();
    let home = fixture.home().await;
    let response = fixture
        .post(
            &home,
            CREATE,
            &json!({
                "name": "", "channels": "linkedin", "icp_ids": ["7"], "starts_on": "today", "ends_on": "2026-02-30",
                "budget": {"amount": -1, "currency": "XXX"}, "color": "red",
            }),
        )
        .await;
    let mut found = fields(&expect_problem(response, 422, "invalid").await);
    found.sort();
    let wanted = [
        ("/budget/amount", "too_small"),
        ("/budget/currency", "unknown_value"),
        ("/channels", "wrong_type"),
        ("/color", "unknown_field"),
        ("/ends_on", "invalid_format"),
        ("/goal", "required"),
        ("/icp_ids/0", "invalid_format"),
        ("/name", "required"),
        ("/starts_on", "invalid_format"),
    ];
    assert_eq!(found, wanted.map(|(pointer, code)| (pointer.to_owned(), code.to_owned())));

    let body = json!({
        "name": "Spring", "goal": " ", "channels": ["linkedin", "smoke signals of old"],
        "starts_on": "2026-03-09", "ends_on": "2026-03-08",
    });
    let problem = expect_problem(fixture.post(&home, CREATE, &body).await, 422, "invalid").await;
    // Nothing but space is the domain's to refuse: so the rule between two fields comes along.
    let rules = [("/goal", "required"), ("/channels/1", "unknown_channel"), ("/ends_on", "before_start")];
    assert_eq!(fields(&problem), rules.map(|(pointer, code)| (pointer.to_owned(), code.to_owned())));
    assert_eq!(items(&fixture, &home, "/api/v1/campaigns/list").await, [] as [Value; 0]);
}

#[actix_web::test]
async fn a_campaign_for_a_profile_of_nobody_is_not_found() {
    let fixture = Fixture::start();
    let (home, other) = (fixture.home().await, fixture.home().await);
    let foreign = onboard(&fixture, &other).await;
    let mut body = four_weeks_from("2026-03-09");
    body["icp_ids"] = json!(foreign);
    expect_problem(fixture.post(&home, CREATE, &body).await, 404, "not_found").await;
}

#[actix_web::test]
async fn a_request_that_comes_twice_makes_one_campaign() {
    let fixture = Fixture::start();
    let home = fixture.home().await;
    let send = |body: Value| {
        fixture.call(&home, Method::POST, CREATE).header("Idempotency-Key", "k-1").json(&body).send()
    };
    let first = expect(send(four_weeks_from("2026-03-09")).await.unwrap(), 201).await;
    let second = send(four_weeks_from("2026-03-09")).await.unwrap();
    assert_eq!(second.headers()["etag"], "\"1\"");
    assert_eq!(expect(second, 201).await, first);
    let changed = send(four_weeks_from("2026-03-10")).await.unwrap();
    expect_problem(changed, 422, "idempotency_key_reused").await;
    assert_eq!(items(&fixture, &home, "/api/v1/campaigns/list").await, [first]);
}

#[actix_web::test]
async fn campaigns_are_listed_newest_first_and_page_by_page() {
    let fixture = Fixture::start();
    let home = fixture.home().await;
    let mut made = Vec::new();
    for _ in 0..3 {
        made.insert(0, json!(campaign(&fixture, &home, "2026-03-09").await));
    }
    let first = expect(fixture.get(&home, "/api/v1/campaigns/list?limit=2").await, 200).await;
    let path = format!("/api/v1/campaigns/list?limit=2&cursor={}", first["next_cursor"].as_str().unwrap());
    let last = expect(fixture.get(&home, &path).await, 200).await;
    assert_eq!(last["next_cursor"], Value::Null);
    let pages = [first, last];
    let ids = pages.iter().flat_map(|page| page["items"].as_array().unwrap()).map(|item| item["id"].clone());
    assert_eq!(ids.collect::<Vec<_>>(), made);
}

#[actix_web::test]
async fn executing_answers_a_run_to_poll() {
    let fixture = Fixture::start();
    let home = fixture.home().await;
    onboard(&fixture, &home).await;
    let id = campaign(&fixture, &home, "2026-03-09").await;
    let path = format!("/api/v1/campaigns/execute/{id}");
    let response = fixture.post(&home, &path, &json!({})).await;
    let location = response.headers()["location"].to_str().unwrap().to_owned();
    let accepted = expect(response, 202).await;
    assert_eq!(accepted, json!({"run_id": accepted["run_id"], "campaign_id": id, "status": "queued"}));
    assert_eq!(location, format!("/api/v1/agents/runs/{}", accepted["run_id"].as_str().unwrap()));
    assert_eq!(expect(fixture.get(&home, &location).await, 200).await["status"], "queued");
    assert_eq!(status_of(&fixture, &home, id).await, "draft", "a run that waits changes nothing");

    let again = fixture.post(&home, &path, &json!({})).await;
    expect_problem(again, 409, "run_in_progress").await;
    let with_body = fixture.post(&home, &path, &json!({"force": true})).await;
    assert_eq!(
        fields(&expect_problem(with_body, 422, "invalid").await),
        [("/force".to_owned(), "unknown_field".to_owned())]
    );
}

#[actix_web::test]
async fn an_execution_that_comes_twice_is_answered_alike_also_when_its_run_is_over() {
    let fixture = Fixture::start();
    let home = fixture.home().await;
    onboard(&fixture, &home).await;
    let id = campaign(&fixture, &home, "2026-03-02").await;
    let path = format!("/api/v1/campaigns/execute/{id}");
    let send =
        || fixture.call(&home, Method::POST, &path).header("Idempotency-Key", "once").json(&json!({})).send();
    let first = expect(send().await.unwrap(), 202).await;
    fixture.work().await;
    assert_eq!(status_of(&fixture, &home, id).await, "active", "its first day is today");
    assert_eq!(expect(send().await.unwrap(), 202).await, first);
    assert_eq!(items(&fixture, &home, "/api/v1/agents/runs").await.len(), 1);
}

#[actix_web::test]
async fn what_can_not_be_planned_is_not_executed() {
    let fixture = Fixture::start();
    let home = fixture.home().await;
    let early = campaign(&fixture, &home, "2026-03-09").await;
    let execute =
        async |id| fixture.post(&home, &format!("/api/v1/campaigns/execute/{id}"), &json!({})).await;
    expect_problem(execute(early).await, 409, "context_missing").await;
    let over = campaign(&fixture, &home, "2026-01-05").await;
    expect_problem(execute(over).await, 409, "campaign_over").await;
    let active = executed(&fixture, &home, "2026-03-02").await;
    expect_problem(execute(active).await, 409, "campaign_state").await;
}
