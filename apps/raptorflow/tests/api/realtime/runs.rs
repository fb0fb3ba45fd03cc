//! The progress of an agent run.

use super::streams::{Fact, Socket, Sse, types};
use crate::fixture::{Fixture, Home, expect, expect_problem};
use bcm::StepKey;
use kernel::{UserScope, WorkspaceScope};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

const STATES: [&str; 8] = [
    "agent_run.queued",
    "agent_run.started",
    "agent_run.step_finished",
    "agent_run.step_finished",
    "agent_run.step_finished",
    "agent_run.step_finished",
    "agent_run.step_finished",
    "agent_run.completed",
];
const STEPS: [&str; 5] = ["perception", "planning", "critic", "reflection", "apply"];

/// Answers the onboarding, makes a campaign and asks for its moves: the run's id.
async fn queued(fixture: &Fixture, home: &Home) -> String {
    let answers = [
        (StepKey::Company, json!({"name": "Acme", "industry": "software"})),
        (StepKey::Offer, json!({"summary": "Analytics", "value_proposition": "Answers without a data team"})),
        (StepKey::Audience, json!([{"name": "Founders", "pains": ["nobody reads the dashboards"]}])),
    ];
    let (ctx, scope, services) = (&home.ctx, &home.scope, &fixture.services);
    let session = services.onboarding.start(ctx, scope).await.unwrap().session.id;
    for (step, answers) in answers {
        services.onboarding.save_answers(ctx, scope, session, step, &answers, None).await.unwrap();
        services.onboarding.complete(ctx, scope, session, step, None).await.unwrap();
    }
    services.finalise.finalise(ctx, scope, session).await.unwrap();
    fixture.work().await;
    execute(fixture, home).await
}

async fn execute(fixture: &Fixture, home: &Home) -> String {
    let four_weeks = json!({
        "name": "Spring", "goal": "More trials of the product", "channels": ["linkedin", "newsletter"],
        "starts_on": "2026-03-09", "ends_on": "2026-04-05",
    });
    let here = format!("?workspace_id={}", home.workspace);
    let made = fixture.post(home, &format!("/api/v1/campaigns/create{here}"), &four_weeks).await;
    let campaign = expect(made, 201).await;
    let path = format!("/api/v1/campaigns/execute/{}{here}", campaign["id"].as_str().unwrap());
    let accepted = expect(fixture.post(home, &path, &json!({})).await, 202).await;
    accepted["run_id"].as_str().unwrap().to_owned()
}

async fn stream_url(fixture: &Fixture, home: &Home, run: &str) -> String {
    let run = expect(fixture.get(home, &format!("/api/v1/agents/runs/{run}")).await, 200).await;
    run["stream_url"].as_str().unwrap().to_owned()
}

async fn open(fixture: &Fixture, home: &Home, path: &str, last: Option<i64>) -> Sse {
    let request = fixture.call(home, Method::GET, path);
    Sse::open(match last {
        Some(last) => request.header("last-event-id", last.to_string()),
        None => request,
    })
    .await
}

fn payloads<'f>(facts: &'f [Fact], member: &str) -> Vec<&'f Value> {
    facts.iter().map(|fact| &fact.data["payload"][member]).collect()
}

#[actix_web::test]
async fn a_run_is_followed_from_its_beginning_to_its_end_by_both_protocols() {
    let fixture = Fixture::start();
    let home = fixture.home().await;
    let run = queued(&fixture, &home).await;
    let other = execute(&fixture, &home).await;
    let path = stream_url(&fixture, &home, &run).await;
    let mut events = open(&fixture, &home, &path, None).await;
    let mut socket = Socket::by(&fixture, &home, &path.replace("/stream", "/ws")).await;
    assert_eq!(types(&events.take(1).await), STATES[..1]);
    assert_eq!(types(&socket.take(1).await), STATES[..1]);
    fixture.work().await;
    let rest = events.rest().await;
    assert_eq!(types(&rest), STATES[1..], "in order, each once");
    assert!(rest.iter().all(|fact| fact.data["subject_id"] == run.as_str()), "and not of {other}");
    assert_eq!(payloads(&rest[1..6], "name"), STEPS);
    assert_eq!(payloads(&rest[1..6], "number"), [1, 2, 3, 4, 5]);
    assert_eq!(payloads(&rest[6..], "status"), ["completed"]);
    assert_eq!(socket.rest().await, (rest, 1000));
}

#[actix_web::test]
async fn whoever_was_cut_off_goes_on_after_what_they_had_and_a_run_that_is_over_tells_its_history() {
    let fixture = Fixture::start();
    let home = fixture.home().await;
    let run = queued(&fixture, &home).await;
    let path = stream_url(&fixture, &home, &run).await;
    let first = open(&fixture, &home, &path, None).await.take(1).await.remove(0);
    fixture.work().await;
    let whole = open(&fixture, &home, &path, None).await.rest().await;
    assert_eq!((types(&whole), &whole[0]), (STATES.to_vec(), &first));
    for had in [1, 4, 7] {
        let last = whole[had - 1].id;
        assert_eq!(open(&fixture, &home, &path, Some(last)).await.rest().await, whole[had..]);
        let path = format!("{}?last_event_id={last}", path.replace("/stream", "/ws"));
        assert_eq!(Socket::by(&fixture, &home, &path).await.rest().await, (whole[had..].to_vec(), 1000));
    }
    let last = whole[7].id;
    let nothing = fixture.call(&home, Method::GET, &path).header("last-event-id", last).send().await.unwrap();
    assert_eq!(nothing.status(), 204, "a browser does not come again");
    let path = format!("{}?last_event_id={last}", path.replace("/stream", "/ws"));
    assert_eq!(Socket::by(&fixture, &home, &path).await.rest().await, (Vec::new(), 1000));
}

#[actix_web::test]
async fn a_run_that_fails_ends_its_stream_with_the_reason() {
    let fixture = Fixture::start();
    let home = fixture.home().await;
    let run = queued(&fixture, &home).await;
    // The campaign's last day is over when a worker comes.
    fixture.clock.advance(Duration::from_secs(60 * 24 * 60 * 60));
    let events = open(&fixture, &home, &stream_url(&fixture, &home, &run).await, None).await;
    fixture.work().await;
    let told = events.rest().await;
    let last = told.last().unwrap();
    assert_eq!(
        (last.event.as_str(), &last.data["payload"]["status"]),
        ("agent_run.failed", &json!("failed"))
    );
    assert!(last.data["payload"]["error"]["code"].is_string(), "{last:?}");
}

#[actix_web::test]
async fn another_workspaces_run_is_an_unknown_one_wherever_one_looks() {
    let fixture = Fixture::start();
    let (home, other) = (fixture.home().await, fixture.home().await);
    let run = queued(&fixture, &home).await;
    let path = format!("/api/v1/agents/runs/{run}/stream");
    expect_problem(fixture.get(&other, &path).await, 404, "not_found").await;
    let named = format!("{path}?workspace_id={}", home.workspace);
    expect_problem(fixture.get(&other, &named).await, 404, "not_found").await;
    let headers = [("authorization", &*format!("Bearer {}", other.token))];
    for path in [&path, &named].map(|path| path.replace("/stream", "/ws")) {
        let refused = Socket::open(&fixture, &path, &headers).await.err().unwrap();
        assert_eq!((refused.0, &refused.1["code"]), (404, &json!("not_found")));
    }
}

#[actix_web::test]
async fn a_browser_names_the_workspace_in_the_query() {
    let fixture = Fixture::start();
    let first = fixture.home().await;
    // Another workspace of the same person: not the one that is meant when none is named.
    let new = ::workspace::services::CreateWorkspace { name: "Second".into(), slug: None, time_zone: None };
    let made = fixture.services.workspaces.create(&first.ctx, &UserScope::of(&first.ctx).unwrap(), new).await;
    let workspace = made.unwrap().workspace.id;
    let scope = WorkspaceScope::authorise(fixture.store.as_ref(), &first.ctx, workspace).await.unwrap();
    fixture.work().await;
    let second = Home { workspace, scope, ctx: first.ctx.clone(), token: first.token.clone(), ..first };
    let run = queued(&fixture, &second).await;
    let path = format!("/api/v1/agents/runs/{run}/ws");
    let protocols = [("sec-websocket-protocol", &*format!("bearer, {}", second.token))];
    let refused = Socket::open(&fixture, &path, &protocols).await.err().unwrap();
    assert_eq!(refused.0, 404);
    let path = format!("{path}?workspace_id={workspace}&last_event_id=0");
    let mut socket = Socket::open(&fixture, &path, &protocols).await.unwrap();
    assert_eq!(types(&socket.take(1).await), STATES[..1]);
}

#[actix_web::test]
async fn a_token_that_expires_and_a_member_who_is_removed_hear_nothing_more_of_a_run() {
    let fixture = Fixture::with_real_logins();
    let home = fixture.home().await;
    let colleague = fixture.member("grace@example.com").await;
    let members = format!("/api/v1/workspaces/{}/members", home.workspace);
    let new = json!({"email": colleague.email, "role": "member"});
    expect(fixture.post(&home, &members, &new).await, 201).await;
    let run = queued(&fixture, &home).await;
    let path = format!("/api/v1/agents/runs/{run}/stream?workspace_id={}", home.workspace);
    let headers = [("authorization", &*format!("Bearer {}", colleague.access))];
    let mut theirs = Sse::open(fixture.by(&colleague, Method::GET, &path)).await;
    let mut socket = Socket::open(&fixture, &path.replace("/stream", "/ws"), &headers).await.unwrap();
    let mut mine = open(&fixture, &home, &path, None).await;
    for told in [theirs.take(1).await, socket.take(1).await, mine.take(1).await] {
        assert_eq!(types(&told), STATES[..1]);
    }
    let removed = fixture.call(&home, Method::DELETE, &format!("{members}/{}", colleague.id)).send().await;
    assert_eq!(removed.unwrap().status(), 204);
    fixture.clock.advance(Duration::from_secs(16 * 60));
    fixture.work().await;
    assert_eq!((theirs.rest().await, mine.rest().await), (Vec::new(), Vec::new()));
    assert_eq!(socket.rest().await, (Vec::new(), 1008));
    let ended = fixture.services.runs.get(&home.scope, run.parse().unwrap()).await.unwrap();
    assert_eq!(ended.status.name(), "completed", "though there was something to tell");
}
