use super::{client::Client, note};
use anyhow::{Context, bail};
use bcm::{Brief, StepKey};
use indicatif::{ProgressBar, ProgressStyle};
use kernel::{Clock, Date, SystemClock, TimeZone, channels::Vocabulary};
use serde_json::{Map, Value, json};
use std::time::Duration;

/// The main job, step by step, with the time that each step took.
pub(super) struct Story {
    client: Client,
    progress: ProgressBar,
    timings: Map<String, Value>,
    began: kernel::Timestamp,
}

const STEPS: u64 = 7;
const PASSWORD: &str = "correct horse battery staple";

impl Story {
    pub(super) fn new(client: Client) -> Self {
        let style = ProgressStyle::with_template("{spinner} [{pos}/{len}] {msg}");
        let progress =
            ProgressBar::new(STEPS).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        progress.enable_steady_tick(Duration::from_millis(100));
        Self { client, progress, timings: Map::new(), began: SystemClock.now() }
    }

    /// Tells it; answers the document of `demo --json`.
    pub(super) async fn tell(mut self, brief: &Brief) -> anyhow::Result<Value> {
        self.begin("signing up, verifying the address, logging in");
        self.client.join("founder@demo.example", PASSWORD).await?;
        self.end("account");
        let workspace = self.workspace(brief).await?;
        let finalised = self.onboarding(brief).await?;
        let id = workspace["id"].as_str().unwrap_or_default();
        let context = self.client.get(&format!("/api/v1/bcm/{id}")).await?;
        let campaign = self.campaign(brief, &workspace).await?;
        let campaign_path = format!("/api/v1/campaigns/{}", campaign["id"].as_str().unwrap_or_default());
        let run = self.execute(&campaign).await?;
        self.begin("reading the moves and today's wins");
        let moves = self.client.all(&format!("{campaign_path}/moves")).await?;
        let campaign = self.client.get(&campaign_path).await?;
        let wins = self.client.get("/api/v1/daily-wins").await?;
        self.end("reading");
        self.progress.finish_and_clear();
        Ok(json!({
            "workspace": workspace,
            "foundation": finalised["foundation"],
            "icps": finalised["icps"],
            "business_context": {
                "version": context["version"], "hash": context["hash"], "completeness": context["completeness"],
            },
            "campaign": campaign,
            "moves": moves,
            "daily_wins": wins["items"],
            "run": run,
            "timings_ms": self.timings,
        }))
    }

    async fn workspace(&mut self, brief: &Brief) -> anyhow::Result<Value> {
        self.begin("creating the workspace; the worker seats its council");
        let company = answer(brief, StepKey::Company);
        let mut new = json!({ "name": company["name"].as_str().unwrap_or("Demo") });
        if let Some(zone) = company["time_zone"].as_str() {
            new["time_zone"] = zone.into();
        }
        let workspace = self.client.post("/api/v1/workspaces", &new).await?;
        let seated = |agents: &Value| agents["items"].as_array().is_some_and(|lords| lords.len() == 7);
        self.client.poll("/api/v1/agents", seated).await?;
        self.end("workspace");
        Ok(workspace)
    }

    async fn onboarding(&mut self, brief: &Brief) -> anyhow::Result<Value> {
        self.begin("walking through onboarding");
        let session = self.client.post("/api/v1/onboarding/session", &json!({})).await?;
        let id = session["id"].as_str().context("the session has no id")?.to_owned();
        let path = format!("/api/v1/onboarding/session/{id}");
        for (step, answers) in &brief.answers {
            self.client.put(&path, &json!({ "step": step, "answers": answers })).await?;
            if let Err(why) = self.client.post(&format!("{path}/complete"), &json!({ "step": step })).await {
                self.progress.suspend(|| note(&format!("the step `{}` stays open: {why:#}", step.name())))?;
            }
        }
        self.end("onboarding");
        self.begin("finalising: foundation, ICPs, business context v1");
        let finalised = self.client.post("/api/v1/onboarding/finalize", &json!({ "session_id": id })).await?;
        self.end("finalise");
        Ok(finalised)
    }

    async fn campaign(&mut self, brief: &Brief, workspace: &Value) -> anyhow::Result<Value> {
        self.begin("creating a campaign");
        let goals = answer(brief, StepKey::Goals);
        let objective = goals["objective"].as_str().unwrap_or("Become known to the people we are for");
        let days = goals["horizon_days"].as_i64().unwrap_or(28).clamp(1, 366);
        let zone = TimeZone::parse(workspace["time_zone"].as_str().unwrap_or("UTC"))?;
        let starts_on = SystemClock.now().date_in(&zone);
        let mut new = json!({
            "name": format!("{days} days: {}", objective.chars().take(90).collect::<String>()),
            "goal": objective,
            "channels": channels(brief),
            "starts_on": starts_on,
            "ends_on": later(starts_on, days - 1),
        });
        let monthly = answer(brief, StepKey::Constraints)["monthly_budget_usd"].as_i64();
        if let Some(dollars) = monthly {
            new["budget"] = json!({ "amount": dollars * 100 * days / 30, "currency": "USD" });
        }
        let campaign = self.client.post("/api/v1/campaigns/create", &new).await?;
        self.end("campaign");
        Ok(campaign)
    }

    async fn execute(&mut self, campaign: &Value) -> anyhow::Result<Value> {
        self.begin("executing the campaign: perception, planning, critic, reflection");
        let id = campaign["id"].as_str().unwrap_or_default();
        let queued = self.client.post(&format!("/api/v1/campaigns/execute/{id}"), &json!({})).await?;
        let path = format!("/api/v1/agents/runs/{}", queued["run_id"].as_str().unwrap_or_default());
        let over = |run: &Value| matches!(run["status"].as_str(), Some("completed" | "failed" | "cancelled"));
        let run = self.client.poll(&path, over).await?;
        if run["status"] != "completed" {
            bail!("the run ended as {}: {}", run["status"], run["error"]);
        }
        self.end("run");
        Ok(run)
    }

    fn begin(&mut self, what: &'static str) {
        self.progress.set_message(what);
        self.began = SystemClock.now();
    }

    fn end(&mut self, step: &str) {
        let took = SystemClock.now().since(self.began).as_millis();
        self.timings.insert(step.to_owned(), u64::try_from(took).unwrap_or(u64::MAX).into());
        self.progress.inc(1);
    }
}

fn answer(brief: &Brief, step: StepKey) -> &Value {
    brief.answers.iter().find(|(key, _)| *key == step).map_or(&Value::Null, |(_, answers)| answers)
}

/// The brief's channels that the vocabulary knows.
fn channels(brief: &Brief) -> Vec<&'static str> {
    let named = answer(brief, StepKey::Channels).as_array().into_iter().flatten();
    let known = named.filter_map(|channel| Vocabulary::standard().resolve(channel["channel"].as_str()?));
    let mut slugs: Vec<_> = known.map(|channel| channel.slug.as_str()).collect();
    slugs.sort_unstable();
    slugs.dedup();
    slugs
}

fn later(from: Date, days: i64) -> Date {
    (0..days).try_fold(from, |date, _| date.tomorrow().ok()).unwrap_or(from)
}
