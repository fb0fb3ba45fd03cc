//! How people walk through onboarding, and what they should see.

use crate::fixture::{Fixture, Home, expect, expect_problem, fields};
use bcm::StepKey;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

/// When everything happens.
pub(crate) const NOW: &str = "2026-03-02T09:00:00Z";
pub(crate) const SESSIONS: &str = "/api/v1/onboarding/session";

pub(crate) fn bakery() -> Value {
    serde_json::from_str(include_str!("bakery.json")).unwrap()
}

/// Starts a session and answers its path.
pub(crate) async fn start(fixture: &Fixture, who: &Home) -> String {
    let response = fixture.call(who, Method::POST, SESSIONS).send().await.unwrap();
    let location = response.headers()["location"].to_str().unwrap().to_owned();
    expect(response, 201).await;
    location
}

pub(crate) async fn save(fixture: &Fixture, who: &Home, path: &str, step: &str, answers: &Value) -> Value {
    let body = json!({"step": step, "answers": answers});
    expect(fixture.call(who, Method::PUT, path).json(&body).send().await.unwrap(), 200).await
}

pub(crate) async fn complete(fixture: &Fixture, who: &Home, path: &str, step: &str) -> Value {
    expect(fixture.post(who, &format!("{path}/complete"), &json!({"step": step})).await, 200).await
}

/// Answers and completes every step of a new session through the use cases; answers its id.
pub(crate) async fn describe(fixture: &Fixture, who: &Home, brief: &Value) -> String {
    let (onboarding, ctx, scope) = (&fixture.services.onboarding, &who.ctx, &who.scope);
    let session = onboarding.start(ctx, scope).await.unwrap().session.id;
    for step in StepKey::ALL {
        onboarding.save_answers(ctx, scope, session, step, &brief[step.name()], None).await.unwrap();
        onboarding.complete(ctx, scope, session, step, None).await.unwrap();
    }
    session.to_string()
}

pub(crate) async fn finalize(fixture: &Fixture, who: &Home, session: &str) -> Value {
    expect(fixture.post(who, "/api/v1/onboarding/finalize", &json!({"session_id": session})).await, 200).await
}

/// A fresh session with these members instead.
pub(crate) fn session(who: &Home, path: &str, instead: Value) -> Value {
    let mut session = json!({
        "id": path.rsplit('/').next().unwrap(), "workspace_id": who.workspace, "current_step": "company",
        "steps": steps(&json!({}), &[]), "progress": 0, "finalised": false, "finalised_at": null,
        "context_version": null, "version": 1, "created_at": NOW, "updated_at": NOW,
    });
    session.as_object_mut().unwrap().extend(instead.as_object().unwrap().clone());
    session
}

/// Every step with the answers of `brief`, and these completed.
pub(crate) fn steps(brief: &Value, completed: &[&str]) -> Value {
    let step = |step: StepKey| {
        let mut view = serde_json::to_value(step.definition()).unwrap();
        view["completed"] = completed.contains(&step.name()).into();
        view["answers"] = brief[step.name()].clone();
        view
    };
    StepKey::ALL.into_iter().map(step).collect()
}

/// The body of a successful `GET`.
pub(crate) async fn read(fixture: &Fixture, who: &Home, path: &str) -> Value {
    expect(fixture.get(who, path).await, 200).await
}

/// What a problem says, but for what differs between any two requests.
pub(crate) async fn refused(request: RequestBuilder, status: u16, code: &str) -> Value {
    let mut body = expect_problem(request.send().await.unwrap(), status, code).await;
    for member in ["correlation_id", "instance"] {
        assert!(body.as_object_mut().unwrap().remove(member).is_some(), "{member} is missing");
    }
    body
}

/// Each wrong field with its code, in order of the pointers.
pub(crate) fn wrong_fields(problem: &Value) -> Vec<String> {
    let mut wrong: Vec<String> =
        fields(problem).into_iter().map(|(pointer, code)| format!("{pointer} {code}")).collect();
    wrong.sort();
    wrong
}
