//! Starting, answering, completing, resuming.

use super::walk::{
    SESSIONS, bakery, complete, describe, read, refused, save, session, start, steps, wrong_fields,
};
use crate::fixture::{Fixture, expect};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

/// A minute after the start.
const LATER: &str = "2026-03-02T09:01:00Z";

#[actix_web::test]
async fn a_workspace_has_one_open_session_and_goes_on_with_it() {
    let fixture = Fixture::start();
    let owner = fixture.home().await;
    let post =
        || fixture.call(&owner, Method::POST, SESSIONS).json(&json!({"workspace_id": owner.workspace}));
    let started = post().send().await.unwrap();
    assert_eq!(started.headers()["etag"], "\"1\"");
    let path = started.headers()["location"].to_str().unwrap().to_owned();
    let fresh = session(&owner, &path, json!({}));
    assert_eq!(expect(started, 201).await, fresh);
    let found = post().send().await.unwrap();
    assert_eq!(found.headers()["location"], *path);
    assert_eq!(expect(found, 200).await, fresh);
    assert_eq!(read(&fixture, &owner, &path).await, fresh);
    let first = &fresh["steps"][0];
    assert_eq!(
        (&first["key"], &first["title"], &first["needed"]),
        (&json!("company"), &json!("Company"), &json!(true))
    );
    assert_eq!(first["fields"][0]["required"], true);
}

#[actix_web::test]
async fn a_repeated_start_under_one_key_answers_the_same() {
    let fixture = Fixture::start();
    let owner = fixture.home().await;
    let post = || fixture.call(&owner, Method::POST, SESSIONS).header("idempotency-key", "start-1");
    let first = expect(post().send().await.unwrap(), 201).await;
    assert_eq!(expect(post().send().await.unwrap(), 201).await, first);
}

#[actix_web::test]
async fn one_key_in_two_workspaces_starts_two_sessions() {
    let fixture = Fixture::start();
    let owner = fixture.home().await;
    let second = fixture.post(&owner, "/api/v1/workspaces", &json!({"name": "Second"})).await;
    let second = expect(second, 201).await;
    for workspace in [json!(owner.workspace), second["id"].clone()] {
        let start = fixture.call(&owner, Method::POST, SESSIONS).header("idempotency-key", "start-1");
        let start = start.header("x-workspace-id", workspace.as_str().unwrap()).json(&json!({}));
        let started = expect(start.send().await.unwrap(), 201).await;
        assert_eq!(started["workspace_id"], workspace);
    }
}

#[actix_web::test]
async fn a_body_may_name_the_workspace_and_must_agree_with_the_header() {
    let fixture = Fixture::start();
    let (owner, stranger) = (fixture.home().await, fixture.home().await);
    let second = fixture.post(&owner, "/api/v1/workspaces", &json!({"name": "Second"})).await;
    let second = expect(second, 201).await;
    let post = |workspace: &Value| {
        fixture.call(&owner, Method::POST, SESSIONS).json(&json!({"workspace_id": workspace}))
    };
    let started = expect(post(&second["id"]).send().await.unwrap(), 201).await;
    assert_eq!(started["workspace_id"], second["id"]);
    let elsewhere = post(&second["id"]).header("x-workspace-id", owner.workspace.to_string());
    refused(elsewhere, 400, "workspace_conflict").await;
    refused(post(&json!(stranger.workspace)), 404, "not_found").await;
}

#[actix_web::test]
async fn answers_are_kept_trimmed_and_a_completed_step_moves_the_session_on() {
    let fixture = Fixture::start();
    let owner = fixture.home().await;
    let path = start(&fixture, &owner).await;
    fixture.clock.advance(Duration::from_secs(60));
    let saved =
        save(&fixture, &owner, &path, "company", &json!({"name": " Crumb & Co ", "stage": null})).await;
    let brief = json!({"company": {"name": "Crumb & Co"}});
    let expected =
        session(&owner, &path, json!({"steps": steps(&brief, &[]), "version": 2, "updated_at": LATER}));
    assert_eq!(saved, expected);
    let done = complete(&fixture, &owner, &path, "company").await;
    let more = json!({"steps": steps(&brief, &["company"]), "version": 3, "progress": 12, "current_step": "offer", "updated_at": LATER});
    assert_eq!(done, session(&owner, &path, more));
    let resumed = fixture.call(&owner, Method::GET, &path).send().await.unwrap();
    assert_eq!(resumed.headers()["etag"], "\"3\"");
    assert_eq!(expect(resumed, 200).await, done);
}

#[actix_web::test]
async fn a_version_that_is_no_more_is_refused() {
    let fixture = Fixture::start();
    let owner = fixture.home().await;
    let path = start(&fixture, &owner).await;
    let put = |tag: &'static str| {
        let body = json!({"step": "company", "answers": {"name": "Crumb & Co"}});
        fixture.call(&owner, Method::PUT, &path).header("if-match", tag).json(&body)
    };
    let saved = put("\"1\"").send().await.unwrap();
    assert_eq!(saved.headers()["etag"], "\"2\"");
    refused(put("\"1\""), 412, "stale_version").await;
    let complete = |tag: &'static str| {
        let request = fixture.call(&owner, Method::POST, &format!("{path}/complete")).header("if-match", tag);
        request.json(&json!({"step": "company"}))
    };
    refused(complete("\"1\""), 412, "stale_version").await;
    assert_eq!(complete("\"2\"").send().await.unwrap().headers()["etag"], "\"3\"");
}

#[actix_web::test]
async fn every_wrong_answer_is_told_at_once() {
    let fixture = Fixture::start();
    let owner = fixture.home().await;
    let path = start(&fixture, &owner).await;
    let put = |body: Value| fixture.call(&owner, Method::PUT, &path).json(&body);
    let wrong = refused(put(json!({"step": "pricing", "extra": 1})), 422, "invalid").await;
    assert_eq!(wrong_fields(&wrong), ["/answers required", "/extra unknown_field", "/step unknown_value"]);
    let answers = json!({"name": 5, "website": "ftp:x", "time_zone": "Mars/Olympus", "extra": {"deep": [1]}});
    let wrong = refused(put(json!({"step": "company", "answers": answers})), 422, "invalid").await;
    assert_eq!(
        wrong_fields(&wrong),
        [
            "/answers/extra unknown_field",
            "/answers/name wrong_type",
            "/answers/time_zone not_a_time_zone",
            "/answers/website not_a_url",
        ]
    );
    for (step, answers) in [("audience", json!({})), ("company", json!([])), ("company", Value::Null)] {
        let wrong = refused(put(json!({"step": step, "answers": answers})), 422, "invalid").await;
        assert_eq!(wrong_fields(&wrong), ["/answers wrong_type"], "{step}");
    }
    assert_eq!(read(&fixture, &owner, &path).await, session(&owner, &path, json!({})));
}

#[actix_web::test]
async fn a_step_is_not_complete_while_something_required_is_missing() {
    let fixture = Fixture::start();
    let owner = fixture.home().await;
    let path = start(&fixture, &owner).await;
    let post = |body: Value| fixture.call(&owner, Method::POST, &format!("{path}/complete")).json(&body);
    let missing = refused(post(json!({"step": "company"})), 422, "invalid").await;
    assert_eq!(wrong_fields(&missing), ["/answers/name required"]);
    let wrong = refused(post(json!({"answers": {}})), 422, "invalid").await;
    assert_eq!(wrong_fields(&wrong), ["/answers unknown_field", "/step required"]);
}

#[actix_web::test]
async fn a_wrong_start_is_told_whole() {
    let fixture = Fixture::start();
    let owner = fixture.home().await;
    let body = json!({"workspace_id": "mine", "step": "company"});
    let wrong = refused(fixture.call(&owner, Method::POST, SESSIONS).json(&body), 422, "invalid").await;
    assert_eq!(wrong_fields(&wrong), ["/step unknown_field", "/workspace_id invalid_format"]);
}

#[actix_web::test]
async fn progress_is_told_before_the_start_and_after_the_end() {
    let fixture = Fixture::start();
    let owner = fixture.home().await;
    let names = ["company", "offer", "audience", "positioning", "channels", "goals", "voice", "constraints"];
    let before = read(&fixture, &owner, "/api/v1/onboarding/progress").await;
    let expected = json!({
        "session_id": null, "progress": 0, "current_step": "company", "completed": [], "remaining": names,
        "finalised": false,
    });
    assert_eq!(before, expected);
    let id = describe(&fixture, &owner, &bakery()).await;
    let after = read(&fixture, &owner, "/api/v1/onboarding/progress").await;
    let expected = json!({
        "session_id": id, "progress": 100, "current_step": "constraints", "completed": names, "remaining": [],
        "finalised": false,
    });
    assert_eq!(after, expected);
}
