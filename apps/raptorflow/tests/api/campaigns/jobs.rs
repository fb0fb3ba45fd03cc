//! Looking after background work: what is shown of it, calling off, and wanting again what was given up.

use super::scene::{campaign, items, onboard};
use crate::fixture::{Fixture, Home, expect, expect_problem, fields};
use ::workspace::ports::WorkspaceUow;
use ::workspace::services::Replay;
use kernel::{EventReader, JobQueue, JobState, NewJob, RelayUow, StoreResult, SystemScope};
use reqwest::Method;
use serde_json::{Value, json};

const JOBS: &str = "/api/v1/jobs";

/// A job whose handler can do nothing with it.
async fn doomed(fixture: &Fixture, home: &Home, key: Option<&str>) {
    let uow: &WorkspaceUow = fixture.store.as_ref();
    let job = NewJob::new(&fixture.env, &home.ctx, "workspace.send_invitation", json!({"invitation_id": 7}));
    let job = NewJob { dedup_key: key.map(ToOwned::to_owned), ..job };
    let enqueued: StoreResult<bool> = uow.run(&home.scope, async |tx| tx.jobs().enqueue(job).await).await;
    assert!(enqueued.unwrap());
}

async fn dead_letters(fixture: &Fixture, home: &Home) -> Vec<Value> {
    items(fixture, home, &format!("{JOBS}/dead-letters")).await
}

fn of(job: &Value, what: &str) -> String {
    format!("{JOBS}/{}{what}", job["id"].as_str().unwrap())
}

#[actix_web::test]
async fn a_job_is_shown_without_what_it_was_given() {
    let fixture = Fixture::start();
    let home = fixture.home().await;
    doomed(&fixture, &home, None).await;
    let waiting = items(&fixture, &home, &format!("{JOBS}?state=queued")).await.remove(0);
    let shown: Vec<&String> = waiting.as_object().unwrap().keys().collect();
    let members = ["attempts", "correlation_id", "created_at", "finished_at", "id", "kind", "last_error"];
    assert_eq!(shown, [&members[..], &["max_attempts", "priority", "run_at", "state"]].concat());
    assert_eq!((&waiting["state"], &waiting["attempts"]), (&json!("queued"), &json!(0)));
    fixture.work().await;
    let dead = expect(fixture.get(&home, &of(&waiting, "")).await, 200).await;
    assert_eq!((&dead["state"], &dead["attempts"]), (&json!("failed"), &json!(1)));
    assert!(dead["last_error"].is_string() && dead["finished_at"].is_string(), "{dead}");
    assert_eq!(dead_letters(&fixture, &home).await, [dead]);
    let wrong = fixture.get(&home, &format!("{JOBS}?state=lost&sort=id")).await;
    let wrong = expect_problem(wrong, 400, "invalid_query").await;
    let told = [("state", "unknown_value"), ("sort", "unknown_field")];
    assert_eq!(fields(&wrong), told.map(|(at, code)| (at.to_owned(), code.to_owned())));
}

#[actix_web::test]
async fn a_job_that_is_called_off_ends_what_waits_for_it() {
    let fixture = Fixture::start();
    let home = fixture.home().await;
    onboard(&fixture, &home).await;
    let campaign = campaign(&fixture, &home, "2026-03-09").await;
    let execute = format!("/api/v1/campaigns/execute/{campaign}");
    let run = expect(fixture.post(&home, &execute, &json!({})).await, 202).await;
    let job = items(&fixture, &home, &format!("{JOBS}?state=queued&kind=agents.run")).await.remove(0);
    let cancelled = expect(fixture.post(&home, &of(&job, "/cancel"), &json!({})).await, 200).await;
    assert_eq!((&cancelled["state"], &cancelled["id"]), (&json!("cancelled"), &job["id"]));
    let burial = items(&fixture, &home, &format!("{JOBS}?state=queued&kind=job.burial")).await.remove(0);
    let refused = fixture.post(&home, &of(&burial, "/cancel"), &json!({})).await;
    expect_problem(refused, 409, "job_not_cancellable").await;
    fixture.work().await;
    let path = format!("/api/v1/agents/runs/{}", run["run_id"].as_str().unwrap());
    let ended = expect(fixture.get(&home, &path).await, 200).await;
    assert_eq!((&ended["status"], &ended["error"]["code"]), (&json!("failed"), &json!("run_abandoned")));
    let again = fixture.post(&home, &of(&job, "/cancel"), &json!({})).await;
    expect_problem(again, 409, "job_ended").await;
    assert_eq!(dead_letters(&fixture, &home).await, Vec::<Value>::new());
}

#[actix_web::test]
async fn what_was_given_up_is_wanted_again() {
    let fixture = Fixture::start();
    let home = fixture.home().await;
    doomed(&fixture, &home, None).await;
    fixture.work().await;
    let dead = dead_letters(&fixture, &home).await.remove(0);
    let retry = async || {
        let request = fixture.call(&home, Method::POST, &of(&dead, "/retry")).json(&json!({}));
        expect(request.header("idempotency-key", "again").send().await.unwrap(), 200).await
    };
    let waiting = retry().await;
    assert_eq!((&waiting["state"], &waiting["attempts"]), (&json!("queued"), &json!(0)));
    fixture.work().await;
    assert_eq!(retry().await, waiting, "a repetition of the request");
    assert_eq!(dead_letters(&fixture, &home).await.len(), 1, "had no effect");
    let trail = items(&fixture, &home, &format!("/api/v1/workspaces/{}/audit-logs", home.workspace)).await;
    let told = trail.iter().filter(|fact| fact["action"] == "job.retried").count();
    assert_eq!(told, 1);
    let done = items(&fixture, &home, &format!("{JOBS}?state=succeeded")).await.remove(0);
    let refused = fixture.post(&home, &of(&done, "/retry"), &json!({})).await;
    expect_problem(refused, 409, "job_not_retriable").await;
}

#[actix_web::test]
async fn dead_letters_are_replayed_together_but_for_those_that_a_younger_job_replaces() {
    let fixture = Fixture::start();
    let home = fixture.home().await;
    for key in [None, Some("one"), None] {
        doomed(&fixture, &home, key).await;
    }
    fixture.work().await;
    doomed(&fixture, &home, Some("one")).await;
    let replay = async |body: Value| {
        expect(fixture.post(&home, &format!("{JOBS}/dead-letters/replay"), &body).await, 200).await
    };
    let none = json!({"replayed": 0, "superseded": 0, "last_job_id": null, "has_more": false});
    assert_eq!(replay(json!({"kind": "agents.run"})).await, none);
    let last = &dead_letters(&fixture, &home).await[0]["id"];
    let some = json!({"replayed": 2, "superseded": 1, "last_job_id": last, "has_more": false});
    assert_eq!(replay(json!({})).await, some);
    assert_eq!(replay(json!({"after": last})).await, none);
    let one = replay(json!({})).await;
    assert_eq!(
        (&one["superseded"], &one["replayed"]),
        (&json!(1), &json!(0)),
        "the replaced one stays where it is"
    );
    assert_eq!(items(&fixture, &home, &format!("{JOBS}?state=queued")).await.len(), 3);
}

#[actix_web::test]
async fn a_replay_looks_at_a_hundred_dead_letters_and_says_where_to_go_on() {
    let fixture = Fixture::start();
    let home = fixture.home().await;
    for _ in 0..205 {
        doomed(&fixture, &home, None).await;
    }
    fixture.work().await;
    let mut after = Value::Null;
    for (replayed, has_more) in [(100, true), (100, true), (5, false), (0, false)] {
        let body = json!({ "after": after });
        let some =
            expect(fixture.post(&home, &format!("{JOBS}/dead-letters/replay"), &body).await, 200).await;
        assert_eq!((&some["replayed"], &some["has_more"]), (&json!(replayed), &json!(has_more)), "{some}");
        after = some["last_job_id"].clone();
    }
    let queue: &dyn JobQueue = fixture.store.as_ref();
    assert_eq!(queue.count(&SystemScope::for_worker(), JobState::Queued).await, Ok(205));
}

#[actix_web::test]
async fn an_operator_wants_everybodys_dead_letters_again() {
    let fixture = Fixture::start();
    let (home, other) = (fixture.home().await, fixture.home().await);
    for home in [&home, &other] {
        doomed(&fixture, home, None).await;
    }
    let relay: &RelayUow = fixture.store.as_ref();
    // An account's mail is of no workspace.
    let of_nobody =
        NewJob::new(&fixture.env, &home.ctx, "workspace.send_invitation", json!({"invitation_id": 7}));
    let enqueued: StoreResult<bool> =
        relay.run(&SystemScope::for_relay(), async |tx| tx.jobs().enqueue(of_nobody).await).await;
    assert!(enqueued.unwrap());
    fixture.work().await;
    let letters = &fixture.services.dead_letters;
    let replay = async |kind, after| letters.replay(&home.ctx, kind, after).await.unwrap();
    assert_eq!(replay(Some("other.kind"), None).await, Replay::default());
    let revived = replay(Some("workspace.send_invitation"), None).await;
    assert_eq!((revived.replayed, revived.superseded, revived.has_more), (3, 0, false));
    assert_eq!(replay(None, revived.last).await, Replay::default());
    let told = EventReader::list_after(fixture.store.as_ref(), &other.scope, 0, 100).await.unwrap();
    assert!(
        told.iter().any(|event| event.event_type == "job.retried"),
        "each tenant's trail tells of its own"
    );
    fixture.work().await;
    let again = replay(None, None).await;
    assert_eq!(again.replayed, 3, "they were tried again, in vain");
}
