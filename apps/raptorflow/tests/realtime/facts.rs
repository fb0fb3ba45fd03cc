//! Following what happens in a workspace.

use crate::fixture::{Fixture, Home};
use campaign::ports::CampaignTx;
use kernel::{NewEvent, StoreResult, UnitOfWork, WorkspaceScope};
use reqwest::{Method, Response};
use serde_json::Value;
use std::time::Duration;

/// The text of a stream up to the end of an event; fails when it does not come, or when the stream ends.
struct Reading {
    response: Response,
    text: String,
}

impl Reading {
    async fn begin(fixture: &Fixture, who: &Home, last: Option<&str>) -> Self {
        let path = format!("/api/v1/workspaces/{}/events/stream", who.workspace);
        let mut request = fixture.call(who, Method::GET, &path);
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert!(!response.headers().contains_key("content-encoding"));
        Self { response, text: String::new() }
    }

    async fn chunk(&mut self) -> Option<()> {
        let chunk = tokio::time::timeout(Duration::from_secs(10), self.response.chunk()).await;
        let chunk = chunk.unwrap().unwrap()?;
        self.text.push_str(std::str::from_utf8(&chunk).unwrap());
        Some(())
    }

    /// The numbers and types of the next events.
    async fn next(&mut self, count: usize) -> Vec<(i64, String)> {
        let mut events = Vec::new();
        while events.len() < count {
            let Some((block, rest)) = self.text.split_once("\n\n") else {
                self.chunk().await.unwrap();
                continue;
            };
            let (block, rest) = (block.to_owned(), rest.to_owned());
            self.text = rest;
            let field =
                |name: &str| block.lines().find_map(|line| line.strip_prefix(name).map(ToOwned::to_owned));
            let (Some(id), Some(event)) = (field("id: "), field("event: ")) else { continue };
            let data: Value = serde_json::from_str(&field("data: ").unwrap()).unwrap();
            assert_eq!(
                (data["number"].to_string(), data["event_type"].as_str().unwrap()),
                (id.clone(), &*event)
            );
            events.push((id.parse().unwrap(), event));
        }
        events
    }
}

/// Tells a fact of the workspace, as a use case would.
async fn tell(fixture: &Fixture, home: &Home, event_type: &'static str) {
    let subject = ("thing", fixture.env.ids.uuid());
    let fact =
        NewEvent::new(&fixture.env, &home.ctx, event_type, subject, serde_json::json!({"text": "a\nb"}));
    let units: &dyn UnitOfWork<dyn CampaignTx, WorkspaceScope> = fixture.store.as_ref();
    let told: StoreResult<()> = units.run(&home.scope, async |tx| tx.events().append(fact).await).await;
    told.unwrap();
}

#[actix_web::test]
async fn facts_come_in_order_as_they_are_told_and_after_the_last_that_was_had() {
    let fixture = Fixture::start();
    let (home, other) = (fixture.home().await, fixture.home().await);
    let mut all = Reading::begin(&fixture, &home, Some("0")).await;
    let first = all.next(1).await;
    assert_eq!(first, [(1, "workspace.created".to_owned())]);
    let mut new = Reading::begin(&fixture, &home, None).await;
    new.chunk().await.unwrap();
    tell(&fixture, &other, "thing.hidden").await;
    tell(&fixture, &home, "thing.happened").await;
    fixture.work().await;
    let told = new.next(1).await.remove(0);
    assert_eq!(told.1, "thing.happened");
    let rest = usize::try_from(told.0).unwrap() - 1;
    let numbers: Vec<i64> = all.next(rest).await.into_iter().map(|(number, _)| number).collect();
    assert_eq!(numbers, (2..=told.0).collect::<Vec<_>>());
    let mut resumed = Reading::begin(&fixture, &home, Some(&(told.0 - 1).to_string())).await;
    assert_eq!(resumed.next(1).await, [told]);
}

#[actix_web::test]
async fn a_number_that_is_none_is_refused() {
    let fixture = Fixture::start();
    let home = fixture.home().await;
    for wrong in ["-1", "x", "9223372036854775808"] {
        let path = format!("/api/v1/workspaces/{}/events/stream", home.workspace);
        let refused =
            fixture.call(&home, Method::GET, &path).header("last-event-id", wrong).send().await.unwrap();
        assert_eq!(refused.status(), 400, "{wrong}");
        let body: Value = refused.json().await.unwrap();
        assert_eq!(body["code"], "malformed_header", "{body}");
    }
}

#[actix_web::test]
async fn the_stream_of_who_may_no_longer_come_in_ends_without_another_fact() {
    let fixture = Fixture::with_real_logins();
    let home = fixture.home().await;
    let mut reading = Reading::begin(&fixture, &home, None).await;
    reading.chunk().await.unwrap();
    let out = fixture.call(&home, Method::POST, "/api/v1/auth/logout").send().await.unwrap();
    assert_eq!(out.status(), 204);
    tell(&fixture, &home, "thing.happened").await;
    fixture.work().await;
    while reading.chunk().await.is_some() {}
    assert!(!reading.text.contains("event:"), "{}", reading.text);
}
