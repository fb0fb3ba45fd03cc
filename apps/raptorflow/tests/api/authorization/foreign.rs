//! A workspace at work, full of things that are nobody else's business.

use super::scene::Scene;
use crate::fixture::logins::Member;
use crate::fixture::{Fixture, expect};
use raptorflow::wiring::Store;
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// One id of each kind that stands in a path, by the first word of the path and the parameter's name.
pub(crate) struct Foreign(BTreeMap<(&'static str, &'static str), String>);

impl Foreign {
    /// The id of this kind.
    pub(crate) fn id(&self, path: &str, name: &str) -> String {
        let area = path.trim_start_matches("/api/v1/").split('/').next().unwrap();
        let known = self.0.iter().find(|((of, named), _)| (*of, *named) == (area, name));
        known.unwrap_or_else(|| panic!("no foreign {name} for {path}: add one to `foreign.rs`")).1.clone()
    }

    /// Lets a business describe itself, plan a campaign, invite somebody and make a key.
    pub(crate) async fn new<S: Store>(fixture: &Fixture<S>) -> Self {
        let scene = Scene::new(fixture, "theirs").await;
        let there = There { fixture, scene: &scene };
        let session = there.onboarded().await;
        let week = json!({
            "name": "Spring", "goal": "More trials of the product", "channels": ["linkedin", "newsletter"],
            "starts_on": "2026-03-02", "ends_on": "2026-03-29",
        });
        let campaign = there.post("/api/v1/campaigns/create", &week).await["id"].as_str().unwrap().to_owned();
        let run = there.post(&format!("/api/v1/campaigns/execute/{campaign}"), &json!({})).await;
        fixture.work().await;
        let workspace = format!("/api/v1/workspaces/{}", scene.workspace);
        let invited = json!({ "email": "new@example.com", "role": "member" });
        let invitation = there.post(&format!("{workspace}/invitations"), &invited).await;
        let key = json!({ "name": "A program", "scopes": ["moves:read"] });
        let key = there.post(&format!("{workspace}/api-keys"), &key).await;
        let id = |value: &Value| value["id"].as_str().unwrap().to_owned();
        let first = async |path: &str| id(&there.get(path).await["items"][0]);
        let ids = BTreeMap::from([
            (("agents", "run_id"), run["run_id"].as_str().unwrap().to_owned()),
            (("agents", "agent_id"), first("/api/v1/agents").await),
            (("campaigns", "campaign_id"), campaign),
            (("moves", "move_id"), first("/api/v1/moves").await),
            (("daily-wins", "win_id"), first("/api/v1/daily-wins").await),
            (("icps", "icp_id"), first("/api/v1/icps").await),
            (("onboarding", "session_id"), session),
            (("auth", "session_id"), first("/api/v1/auth/sessions").await),
            (("users", "user_id"), scene.member.id.to_string()),
            (("workspaces", "user_id"), scene.member.id.to_string()),
            (("workspaces", "invitation_id"), id(&invitation)),
            (("workspaces", "key_id"), id(&key)),
            (("jobs", "job_id"), first("/api/v1/jobs").await),
        ]);
        Self(ids)
    }
}

/// The owner at work there.
struct There<'f, S> {
    fixture: &'f Fixture<S>,
    scene: &'f Scene,
}

impl<S: Store> There<'_, S> {
    fn owner(&self) -> &Member {
        &self.scene.owner
    }

    async fn get(&self, path: &str) -> Value {
        expect(self.fixture.by(self.owner(), Method::GET, path).send().await.unwrap(), 200).await
    }

    /// Whatever was made, accepted or done.
    async fn post(&self, path: &str, body: &Value) -> Value {
        let response = self.fixture.by(self.owner(), Method::POST, path).json(body).send().await.unwrap();
        let status = response.status();
        let body = response.text().await.unwrap();
        assert!(status.is_success(), "{path}: {status} {body}");
        serde_json::from_str(&body).unwrap()
    }

    /// The id of a finalised onboarding.
    async fn onboarded(&self) -> String {
        let started = self.post("/api/v1/onboarding/session", &json!({})).await;
        let session = started["id"].as_str().unwrap().to_owned();
        let path = format!("/api/v1/onboarding/session/{session}");
        for (step, answers) in [
            ("company", json!({"name": "Acme", "industry": "software"})),
            ("offer", json!({"summary": "Analytics", "value_proposition": "Answers without a data team"})),
            (
                "audience",
                json!([{"name": "Founders", "pains": ["unread dashboards"], "channels": ["LinkedIn"]}]),
            ),
        ] {
            let saved = json!({ "step": step, "answers": answers });
            let saved = self.fixture.by(self.owner(), Method::PUT, &path).json(&saved).send().await.unwrap();
            expect(saved, 200).await;
            self.post(&format!("{path}/complete"), &json!({ "step": step })).await;
        }
        self.post("/api/v1/onboarding/finalize", &json!({ "session_id": session })).await;
        self.fixture.work().await;
        session
    }
}
