//! Agent runs, before and after a worker has taken them.

use super::scene::{NOW, campaign, executed, items, onboard};
use crate::fixture::{Fixture, expect, expect_problem, fields};
use serde_json::{Value, json};

const RUNS: &str = "/api/v1/agents/runs";

#[actix_web::test]
async fn a_queued_run_has_no_output_and_no_steps() {
    let fixture = Fixture::start();
    let home = fixture.home().await;
    onboard(&fixture, &home).await;
    let campaign = campaign(&fixture, &home, "2026-03-09").await;
    let execute = format!("/api/v1/campaigns/execute/{campaign}");
    let id = expect(fixture.post(&home, &execute, &json!({})).await, 202).await["run_id"].take();
    let steps_url = format!("{RUNS}/{}/steps", id.as_str().unwrap());
    let council = items(&fixture, &home, "/api/v1/agents").await;
    let strategos = council.iter().find(|agent| agent["key"] == "strategos").unwrap();
    let run = expect(fixture.get(&home, &format!("{RUNS}/{}", id.as_str().unwrap())).await, 200).await;
    assert_eq!(
        run,
        json!({
            "id": id, "workspace_id": home.workspace, "agent": "strategos", "agent_id": strategos["id"],
            "kind": "strategy", "subject": {"kind": "campaign", "id": campaign}, "status": "queued",
            "origin": null, "origin_reason": null, "input": {"campaign_id": campaign}, "output": null,
            "cost_usd": "0", "created_at": NOW, "started_at": null, "finished_at": null,
            "steps_url": steps_url, "stream_url": steps_url.replace("/steps", "/stream"),
        })
    );
    let steps = expect(fixture.get(&home, &steps_url).await, 200).await;
    assert_eq!(steps, json!({"items": [], "next_cursor": null}));
}

#[actix_web::test]
async fn a_completed_run_says_what_came_of_it_and_how() {
    let fixture = Fixture::start();
    let home = fixture.home().await;
    let campaign = executed(&fixture, &home, "2026-03-09").await;
    let run = items(&fixture, &home, RUNS).await.remove(0);
    assert_eq!(run["status"], "completed", "{run}");
    assert_eq!((&run["origin"], &run["cost_usd"]), (&json!("baseline"), &json!("0")));
    assert_eq!((&run["started_at"], &run["finished_at"]), (&json!(NOW), &json!(NOW)));
    assert!(run["origin_reason"].is_string() && run.get("error").is_none(), "{run}");
    let moves = fixture.get(&home, &format!("/api/v1/campaigns/{campaign}/moves?limit=100")).await;
    let moves = expect(moves, 200).await["items"].as_array().unwrap().len();
    assert_eq!(run["output"]["moves"], json!(moves));

    let steps_url = run["steps_url"].as_str().unwrap();
    let steps = items(&fixture, &home, steps_url).await;
    let stored = fixture.services.runs.steps(&home.scope, run["id"].as_str().unwrap().parse().unwrap());
    let expected: Vec<Value> = stored
        .await
        .unwrap()
        .iter()
        .zip(["perception", "planning", "critic", "reflection", "apply"])
        .zip(1..)
        .map(|((step, name), number)| {
            let origin = if name == "apply" { Value::Null } else { json!("baseline") };
            json!({
                "id": step.id, "run_id": run["id"], "number": number, "name": name, "status": "completed",
                "origin": origin, "input": step.input, "output": step.output, "started_at": NOW,
                "finished_at": NOW,
            })
        })
        .collect();
    assert_eq!((&steps, steps.len()), (&expected, 5));
    let page = expect(fixture.get(&home, &format!("{steps_url}?limit=3")).await, 200).await;
    let next = format!("{steps_url}?limit=3&cursor={}", page["next_cursor"].as_str().unwrap());
    assert_eq!(items(&fixture, &home, &next).await, &expected[3..]);
}

#[actix_web::test]
async fn runs_are_listed_newest_first_and_filtered() {
    let fixture = Fixture::start();
    let home = fixture.home().await;
    let done = executed(&fixture, &home, "2026-03-09").await;
    let waiting = campaign(&fixture, &home, "2026-03-16").await;
    let execute = format!("/api/v1/campaigns/execute/{waiting}");
    expect(fixture.post(&home, &execute, &json!({})).await, 202).await;
    let subjects = async |query: &str| -> Vec<Value> {
        let runs = items(&fixture, &home, &format!("{RUNS}{query}")).await;
        runs.iter().map(|run| run["subject"]["id"].clone()).collect()
    };
    assert_eq!(subjects("").await, [json!(waiting), json!(done)]);
    assert_eq!(subjects("?status=queued").await, [json!(waiting)]);
    assert_eq!(subjects(&format!("?campaign_id={done}")).await, [json!(done)]);
    assert_eq!(subjects(&format!("?campaign_id={done}&status=queued")).await, [] as [Value; 0]);
    let problem = fixture.get(&home, &format!("{RUNS}?status=asleep&limit=0")).await;
    let found = fields(&expect_problem(problem, 400, "invalid_query").await);
    let wanted = [("limit", "too_small"), ("status", "unknown_value")];
    assert_eq!(found, wanted.map(|(name, code)| (name.to_owned(), code.to_owned())));
}
