//! A run's progress, followed at two servers in turn.

use super::{
    cut_off::{EMAIL, PASSWORD, access_token},
    gate::Gate,
    job::{create_campaign, onboard},
    server::{Database, Server, redis},
    tracing::http,
};
use reqwest::{Response, StatusCode};
use serde_json::json;

/// What comes of a run, and the numbers of it.
pub(crate) type Told = Vec<(i64, String)>;

const STEP: &str = "agent_run.step_finished";
/// What a run tells that goes well.
pub(crate) const STATES: [&str; 8] =
    ["agent_run.queued", "agent_run.started", STEP, STEP, STEP, STEP, STEP, "agent_run.completed"];

/// Who follows a stream of facts.
pub(crate) struct Following {
    response: Response,
    text: String,
}

impl Following {
    pub(crate) async fn at(server: &Server, path: &str, token: &str, last: Option<i64>) -> Self {
        let request = http().get(format!("{}{path}", server.base)).bearer_auth(token);
        let request = match last {
            Some(last) => request.header("last-event-id", last),
            None => request,
        };
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        Self { response, text: String::new() }
    }

    /// All that was told when there is so much, or nothing follows.
    pub(crate) async fn take(mut self, count: usize) -> Told {
        while self.told().len() < count {
            let Some(piece) = self.response.chunk().await.unwrap() else { break };
            self.text.push_str(std::str::from_utf8(&piece).unwrap());
        }
        self.told()
    }

    fn told(&self) -> Told {
        let whole = self.text.rsplit_once("\n\n").map_or("", |(whole, _)| whole);
        let member =
            |block: &str, name| block.lines().find_map(|line| Some(line.strip_prefix(name)?.to_owned()));
        let facts = whole
            .split("\n\n")
            .filter_map(|block| Some((member(block, "id: ")?.parse().unwrap(), member(block, "event: ")?)));
        facts.collect()
    }
}

#[tokio::test]
async fn a_run_is_followed_at_one_server_and_then_at_the_other_without_a_gap_or_a_twin() {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::fresh(folder.path()).await;
    let redis = redis(11);
    let settings = [("REDIS_URL", redis.as_str()), ("RATE_LIMIT_PER_MINUTE", "1000000")];
    let servers = [database.server_with(&settings).await, database.server_with(&settings).await];
    let _worker = database.worker_with(&settings);
    let mut client = servers[0].client(folder.path());
    client.join(EMAIL, PASSWORD).await.unwrap();
    client.post("/api/v1/workspaces", &json!({"name": "Nib"})).await.unwrap();
    onboard(&client).await;
    let campaign = create_campaign(&client).await;
    // The run stands still after its second step, until it is followed at the other server.
    let third = "new.event_type = 'agent_run.step_finished' and new.payload->>'number' = '3'";
    let mut gate = Gate::before("insert on events", third, &database).await;
    let path = format!("/api/v1/campaigns/execute/{}", campaign["id"].as_str().unwrap());
    let run = client.post(&path, &json!({})).await.unwrap();
    let path = format!("/api/v1/agents/runs/{}/stream", run["run_id"].as_str().unwrap());
    let token = access_token(&servers[0]).await;

    let mut told = Following::at(&servers[1], &path, &token, None).await.take(4).await;
    gate.holds_up(1).await;
    let last = told.last().map(|(number, _)| *number);
    let resumed = Following::at(&servers[0], &path, &token, last).await;
    gate.open().await;
    told.extend(resumed.take(usize::MAX).await);
    let states: Vec<&str> = told.iter().map(|(_, state)| state.as_str()).collect();
    assert_eq!(states, STATES);
    let whole = Following::at(&servers[1], &path, &token, None).await.take(usize::MAX).await;
    assert_eq!(told, whole, "the same as who follows it afterwards is told");
}
