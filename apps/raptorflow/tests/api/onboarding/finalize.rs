//! Building foundation, ICPs and the first version of the business context.

use super::walk::{
    NOW, bakery, complete, describe, finalize, read, refused, save, session, start, steps, wrong_fields,
};
use crate::fixture::{Fixture, Home, expect};
use reqwest::Method;
use serde_json::{Value, json};

const FINALIZE: &str = "/api/v1/onboarding/finalize";

fn foundation(owner: &Home, id: &Value) -> Value {
    let told = bakery();
    json!({
        "id": id, "workspace_id": owner.workspace, "company": told["company"], "offer": told["offer"],
        "positioning": told["positioning"], "channels": told["channels"], "goals": told["goals"],
        "voice": told["voice"],
        "constraints": {"forbidden": ["cold calls"], "monthly_budget": {"amount": 150_000, "currency": "USD"}},
        "version": 1, "created_at": NOW, "updated_at": NOW,
    })
}

/// A profile of the brief; what was not answered is empty.
fn icp(owner: &Home, id: &Value, told: &Value) -> Value {
    let mut icp = json!({
        "id": id, "workspace_id": owner.workspace, "name": "", "titles": [], "role_in_purchase": [],
        "firmographics": {}, "pains": [], "goals": [], "objections": [], "triggers": [], "channels": [],
        "priority": 0, "version": 1, "created_at": NOW, "updated_at": NOW,
    });
    icp.as_object_mut().unwrap().extend(told.as_object().unwrap().clone());
    icp
}

#[actix_web::test]
async fn what_was_told_becomes_foundation_icps_and_the_first_version() {
    let fixture = Fixture::start();
    let owner = fixture.home().await;
    let id = describe(&fixture, &owner, &bakery()).await;
    let built = finalize(&fixture, &owner, &id).await;
    let current = read(&fixture, &owner, &format!("/api/v1/bcm/{}", owner.workspace)).await;
    let (icps, audience) = (&built["icps"], &bakery()["audience"]);
    let expected = json!({
        "foundation": foundation(&owner, &built["foundation"]["id"]),
        "icps": [icp(&owner, &icps[0]["id"], &audience[1]), icp(&owner, &icps[1]["id"], &audience[0])],
        "business_context": {"version": 1, "hash": current["hash"], "completeness": current["completeness"]},
    });
    assert_eq!(built, expected);
    let path = format!("/api/v1/onboarding/session/{id}");
    let names = ["company", "offer", "audience", "positioning", "channels", "goals", "voice", "constraints"];
    let closed = session(
        &owner,
        &path,
        json!({
            "steps": steps(&bakery(), &names), "current_step": "constraints", "progress": 100, "finalised": true,
            "finalised_at": NOW, "context_version": 1, "version": 18,
        }),
    );
    assert_eq!(read(&fixture, &owner, &path).await, closed);

    let response = fixture.call(&owner, Method::GET, "/api/v1/foundation").send().await.unwrap();
    assert_eq!(response.headers()["etag"], "\"1\"");
    assert_eq!(expect(response, 200).await, built["foundation"]);
    let oldest_first = json!({"items": [icps[1], icps[0]], "next_cursor": null});
    assert_eq!(read(&fixture, &owner, "/api/v1/icps").await, oldest_first);
    let path = format!("/api/v1/icps/{}", icps[0]["id"].as_str().unwrap());
    let response = fixture.call(&owner, Method::GET, &path).send().await.unwrap();
    assert_eq!(response.headers()["etag"], "\"1\"");
    assert_eq!(expect(response, 200).await, icps[0]);
}

#[actix_web::test]
async fn finalising_again_changes_nothing_and_the_session_takes_no_more_answers() {
    let fixture = Fixture::start();
    let owner = fixture.home().await;
    let id = describe(&fixture, &owner, &bakery()).await;
    let built = finalize(&fixture, &owner, &id).await;
    assert_eq!(finalize(&fixture, &owner, &id).await, built);
    let versions = read(&fixture, &owner, &format!("/api/v1/bcm/{}/versions", owner.workspace)).await;
    assert_eq!(versions["items"].as_array().unwrap().len(), 1);
    let path = format!("/api/v1/onboarding/session/{id}");
    let put =
        fixture.call(&owner, Method::PUT, &path).json(&json!({"step": "company", "answers": {"name": "X"}}));
    refused(put, 409, "onboarding_finalised").await;
    let again =
        fixture.call(&owner, Method::POST, &format!("{path}/complete")).json(&json!({"step": "voice"}));
    refused(again, 409, "onboarding_finalised").await;
}

#[actix_web::test]
async fn steps_that_the_foundation_needs_are_named() {
    let fixture = Fixture::start();
    let owner = fixture.home().await;
    let path = start(&fixture, &owner).await;
    save(&fixture, &owner, &path, "offer", &json!({"summary": "Bread"})).await;
    complete(&fixture, &owner, &path, "offer").await;
    let id = path.rsplit('/').next().unwrap();
    let post = fixture.call(&owner, Method::POST, FINALIZE).json(&json!({"session_id": id}));
    let incomplete = refused(post, 409, "onboarding_incomplete").await;
    assert_eq!(incomplete["detail"], "complete these steps first: company, audience");
    refused(fixture.call(&owner, Method::GET, "/api/v1/foundation"), 404, "not_found").await;
}

#[actix_web::test]
async fn a_session_must_be_named_by_its_id() {
    let fixture = Fixture::start();
    let owner = fixture.home().await;
    let post = |body: Value| fixture.call(&owner, Method::POST, FINALIZE).json(&body);
    let wrong = refused(post(json!({"session_id": 5, "force": true})), 422, "invalid").await;
    assert_eq!(wrong_fields(&wrong), ["/force unknown_field", "/session_id wrong_type"]);
    let wrong = refused(post(json!({})), 422, "invalid").await;
    assert_eq!(wrong_fields(&wrong), ["/session_id required"]);
}
