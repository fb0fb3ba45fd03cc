//! What the worker does of its own accord: takes away what has done its service.

use crate::fixture::{Fixture, Home, expect};
use serde_json::{Value, json};
use std::{collections::BTreeSet, time::Duration};

/// A little more than a sweep's hour.
const HOUR: Duration = Duration::from_secs(61 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

async fn items(fixture: &Fixture, home: &Home, path: &str) -> Vec<Value> {
    expect(fixture.get(home, path).await, 200).await["items"].as_array().unwrap().clone()
}

async fn ended_jobs(fixture: &Fixture, home: &Home) -> BTreeSet<String> {
    let jobs = items(fixture, home, "/api/v1/jobs?state=succeeded&limit=100").await;
    jobs.iter().map(|job| job["id"].as_str().unwrap().to_owned()).collect()
}

#[actix_web::test]
async fn jobs_of_last_week_and_invitations_that_nobody_took_go_by_themselves() {
    let fixture = Fixture::start();
    let home = fixture.home().await;
    let invitations = format!("/api/v1/workspaces/{}/invitations", home.workspace);
    let invited = json!({"email": "ada@example.com", "role": "member"});
    expect(fixture.post(&home, &invitations, &invited).await, 201).await;
    fixture.work().await;
    let old = ended_jobs(&fixture, &home).await;
    fixture.clock.advance(6 * DAY);
    fixture.work().await;
    assert!(!old.is_empty() && ended_jobs(&fixture, &home).await.is_superset(&old), "they are kept a week");

    fixture.clock.advance(DAY + HOUR);
    fixture.work().await;
    assert!(ended_jobs(&fixture, &home).await.is_disjoint(&old));
    let shown = async || items(&fixture, &home, &invitations).await.len();
    assert_eq!(shown().await, 1, "who was invited a week ago may be asked why they never came");
    fixture.clock.advance(30 * DAY);
    fixture.work().await;
    assert_eq!(shown().await, 0);
}
