//! A client that goes through the main job again and again, whatever happens to the server, and keeps what was acknowledged.

use crate::job::STEPS;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::sync::watch;

/// What founders and their killer know of each other.
#[derive(Clone)]
pub(crate) struct Stage {
    /// Where the server is; nowhere from its death to its return.
    pub(crate) base: watch::Sender<String>,
    /// How many writes were sent off.
    pub(crate) writes: watch::Sender<u64>,
    /// Whether no new story is to begin.
    pub(crate) is_over: watch::Sender<bool>,
}

impl Stage {
    pub(crate) fn at(base: &str) -> Self {
        let base = watch::Sender::new(base.to_owned());
        Self { base, writes: watch::Sender::new(0), is_over: watch::Sender::new(false) }
    }
}

/// What reading `path` must show from now on, at least.
pub(crate) struct Fact {
    pub(crate) path: String,
    pub(crate) shows: Value,
}

/// What came of the main job once: everything here was acknowledged.
pub(crate) struct Story {
    pub(crate) workspace: String,
    pub(crate) campaign: String,
    /// Somebody who signed up meanwhile.
    pub(crate) guest: String,
    pub(crate) facts: Vec<Fact>,
}

pub(crate) const PASSWORD: &str = "correct horse battery";

/// A person with an account.
pub(crate) struct Founder {
    http: reqwest::Client,
    stage: Stage,
    env: kernel::Environment,
    pub(crate) email: String,
    pub(crate) token: Option<String>,
}

/// An answer, and whether the request had been sent before without one.
struct Answered {
    status: StatusCode,
    body: Value,
    repeated: bool,
}

impl Founder {
    pub(crate) fn new(email: String, stage: &Stage) -> Self {
        let patience = web::Patience { connect: Duration::from_secs(1), total: Duration::from_secs(20) };
        let http = web::client(patience).unwrap();
        Self { http, stage: stage.clone(), env: kernel::Environment::system(), email, token: None }
    }

    /// Tells stories until it is over.
    pub(crate) async fn live(mut self) -> (Self, Vec<Story>) {
        let mut stories = Vec::new();
        while !*self.stage.is_over.borrow() {
            self.log_in().await;
            stories.push(self.story().await);
        }
        (self, stories)
    }

    pub(crate) async fn log_in(&mut self) {
        let login = json!({"email": self.email, "password": PASSWORD});
        let answer = self.write(Method::POST, "/api/v1/auth/login", None, &login).await;
        self.token = answer["access_token"].as_str().map(ToOwned::to_owned);
    }

    async fn story(&self) -> Story {
        let guest = format!("guest-{}@example.com", self.env.ids.uuid().simple());
        let account = json!({"email": guest, "password": PASSWORD, "display_name": "Guest"});
        self.write(Method::POST, "/api/v1/auth/signup", None, &account).await;
        let name = format!("Nib {guest}");
        let workspace = self.write(Method::POST, "/api/v1/workspaces", None, &json!({"name": name})).await;
        let workspace = id(&workspace);
        let path = format!("/api/v1/workspaces/{workspace}");
        let mut story = Story {
            workspace,
            campaign: String::new(),
            guest,
            facts: vec![Fact { path, shows: json!({"name": name}) }],
        };
        self.onboard(&mut story).await;
        self.plan(&mut story).await;
        story
    }

    async fn onboard(&self, story: &mut Story) {
        let tenant = Some(story.workspace.as_str());
        let session = self.write(Method::POST, "/api/v1/onboarding/session", tenant, &json!({})).await;
        let path = format!("/api/v1/onboarding/session/{}", id(&session));
        for (step, answers) in STEPS {
            let answers: Value = serde_json::from_str(answers).unwrap();
            self.write(Method::PUT, &path, tenant, &json!({"step": step, "answers": answers})).await;
            let complete = format!("{path}/complete");
            self.write(Method::POST, &complete, tenant, &json!({"step": step})).await;
            let shows = json!({"steps": [{"key": step, "completed": true, "answers": answers}]});
            story.facts.push(Fact { path: path.clone(), shows });
        }
        let session = json!({"session_id": id(&session)});
        self.write(Method::POST, "/api/v1/onboarding/finalize", tenant, &session).await;
        story.facts.push(Fact { path, shows: json!({"finalised": true, "context_version": 1}) });
        let path = format!("/api/v1/bcm/{}/integrity", story.workspace);
        story.facts.push(Fact { path, shows: json!({"ok": true, "checked_versions": 1}) });
    }

    async fn plan(&self, story: &mut Story) {
        let tenant = Some(story.workspace.clone());
        let tenant = tenant.as_deref();
        let today = self.read("/api/v1/daily-wins", tenant).await["date"].as_str().unwrap().to_owned();
        let starts_on = today.parse::<kernel::Date>().unwrap();
        let ends_on = (0..27).fold(starts_on, |day, _| day.tomorrow().unwrap());
        let new = json!({"name": "Spring", "goal": story.guest, "channels": ["instagram", "content"],
            "starts_on": starts_on, "ends_on": ends_on});
        let campaign = id(&self.write(Method::POST, "/api/v1/campaigns/create", tenant, &new).await);
        let path = format!("/api/v1/campaigns/{campaign}");
        story.facts.push(Fact { path: path.clone(), shows: json!({"goal": story.guest}) });
        let execute = format!("/api/v1/campaigns/execute/{campaign}");
        let run = self.write(Method::POST, &execute, tenant, &json!({})).await;
        let run = format!("/api/v1/agents/runs/{}", run["run_id"].as_str().unwrap());
        story.facts.push(Fact { path: run.clone(), shows: json!({"status": "completed"}) });
        story.facts.push(Fact { path, shows: json!({"status": "active"}) });
        story.campaign = campaign;
        if self.waits_for(&run, tenant).await {
            self.act(story).await;
        }
    }

    /// Whether the run ends soon: one whose worker was killed waits for the end of its lease, and a founder doesn't.
    async fn waits_for(&self, run: &str, tenant: Option<&str>) -> bool {
        let ends = async {
            let mut look = tokio::time::interval(Duration::from_millis(20));
            while self.read(run, tenant).await["status"] != "completed" {
                look.tick().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(1), ends).await.is_ok()
    }

    async fn act(&self, story: &mut Story) {
        let tenant = Some(story.workspace.clone());
        let tenant = tenant.as_deref();
        let moves = self.read(&format!("/api/v1/campaigns/{}/moves", story.campaign), tenant).await;
        let path = format!("/api/v1/moves/{}", id(&moves["items"][0]));
        self.write(Method::POST, &format!("{path}/start"), tenant, &json!({})).await;
        story.facts.push(Fact { path, shows: json!({"status": "in_progress"}) });
        let wins = self.read("/api/v1/daily-wins", tenant).await;
        let win = id(&wins["items"][0]);
        self.write(Method::POST, &format!("/api/v1/daily-wins/{win}/complete"), tenant, &json!({})).await;
        let path = format!("/api/v1/daily-wins?date={}", wins["date"].as_str().unwrap());
        story.facts.push(Fact { path, shows: json!({"items": [{"id": win, "status": "done"}]}) });
    }

    pub(crate) async fn read(&self, path: &str, tenant: Option<&str>) -> Value {
        let answered = self.send(Method::GET, path, tenant, None).await;
        assert!(answered.status.is_success(), "GET {path}: {} {}", answered.status, answered.body);
        answered.body
    }

    /// Sends a write until it is acknowledged. What was repeated may have been done the first time: then a refusal because
    /// of the state is fine, and whether it is that state is seen at the end.
    async fn write(&self, method: Method, path: &str, tenant: Option<&str>, body: &Value) -> Value {
        let answered = self.send(method, path, tenant, Some(body)).await;
        let Answered { status, body, repeated } = answered;
        let is_done = repeated && status == StatusCode::CONFLICT;
        assert!(status.is_success() || is_done, "{path}: {status} {body}, repeated: {repeated}");
        body
    }

    /// The status and code of what a login of somebody else comes to.
    pub(crate) async fn login_of(&self, email: &str) -> Value {
        let login = json!({"email": email, "password": PASSWORD});
        self.send(Method::POST, "/api/v1/auth/login", None, Some(&login)).await.body
    }

    async fn send(&self, method: Method, path: &str, tenant: Option<&str>, body: Option<&Value>) -> Answered {
        let key = self.env.ids.uuid().to_string();
        let mut repeated = false;
        let trying = async {
            let mut again = tokio::time::interval(Duration::from_millis(5));
            loop {
                again.tick().await;
                if let Some(answered) = self.try_once(&method, path, tenant, body.map(|b| (b, &*key))).await {
                    return Answered { repeated, ..answered };
                }
                repeated = true;
            }
        };
        let answered = tokio::time::timeout(Duration::from_secs(60), trying).await;
        answered.unwrap_or_else(|_| panic!("{path} was not answered for a minute"))
    }

    /// `None` when there is no answer, or one that says to come again.
    async fn try_once(
        &self,
        method: &Method,
        path: &str,
        tenant: Option<&str>,
        body: Option<(&Value, &str)>,
    ) -> Option<Answered> {
        let base = self.stage.base.borrow().clone();
        if base.is_empty() {
            return None;
        }
        let url = format!("{base}{path}");
        let mut request = self.http.request(method.clone(), url);
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        if let Some(tenant) = tenant {
            request = request.header("X-Workspace-Id", tenant);
        }
        if let Some((body, key)) = body {
            request = request.json(body).header("Idempotency-Key", key);
            self.stage.writes.send_modify(|writes| *writes += 1);
        }
        let answer = request.send().await.ok()?;
        let status = answer.status();
        let body: Value = serde_json::from_slice(&answer.bytes().await.ok()?).unwrap();
        let comes_again =
            status == StatusCode::SERVICE_UNAVAILABLE || body["code"] == "idempotency_in_flight";
        (!comes_again).then_some(Answered { status, body, repeated: false })
    }
}

fn id(thing: &Value) -> String {
    thing["id"].as_str().unwrap_or_else(|| panic!("no id in {thing}")).to_owned()
}
