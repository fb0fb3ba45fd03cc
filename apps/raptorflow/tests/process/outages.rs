//! Redis goes away, freezes, is full or slow in the middle of the main job: requests are answered, nothing is lost, and
//! afterwards everything goes on by itself.

use super::{
    cut_off::{EMAIL, PASSWORD, access_token},
    job::{create_campaign, onboard},
    server::{Database, Process, Server},
};
use diesel::{QueryableByName, sql_query, sql_types::BigInt};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use raptorflow::commands::demo::client::Client;
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};
use servers::{Proxy, Redis, until};
use std::{collections::HashMap, time::Duration};
use tempfile::TempDir;
use web::Patience;

fn http() -> reqwest::Client {
    web::client(Patience { connect: Duration::from_secs(5), total: Duration::from_secs(60) }).unwrap()
}

#[derive(QueryableByName)]
struct Facts {
    #[diesel(sql_type = BigInt)]
    told: i64,
    #[diesel(sql_type = BigInt)]
    waiting: i64,
}

/// A founder at a server and a worker that share a Redis, with somebody who follows the workspace.
struct Scene {
    redis: Redis,
    proxy: Proxy,
    to_database: Proxy,
    server: Server,
    _worker: Process,
    system: AsyncPgConnection,
    client: Client,
    following: Response,
    _folder: TempDir,
}

impl Scene {
    async fn set() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::fresh(folder.path()).await;
        let redis = Redis::start();
        let proxy = Proxy::before(redis.address()).await;
        let url = format!("redis://{}", proxy.address);
        let settings = [("REDIS_URL", url.as_str()), ("RATE_LIMIT_PER_MINUTE", "1000000")];
        let to_database = Proxy::before(database.address()).await;
        let there = database.at(to_database.address);
        let (server, worker) = (there.server_with(&settings).await, there.worker_with(&settings));
        let mut client = server.client(folder.path());
        client.join(EMAIL, PASSWORD).await.unwrap();
        let workspace = client.post("/api/v1/workspaces", &json!({"name": "Nib"})).await.unwrap();
        let following = follow(&server, workspace["id"].as_str().unwrap()).await;
        let system = database.system().await;
        Self {
            redis,
            proxy,
            to_database,
            server,
            _worker: worker,
            system,
            client,
            following,
            _folder: folder,
        }
    }

    async fn facts(&mut self) -> Facts {
        let count = "select count(*) filter (where workspace_id is not null) as told,
            count(*) filter (where published_at is null) as waiting from events";
        sql_query(count).get_result(&mut self.system).await.unwrap()
    }

    /// How Redis does, as the server says; requests are answered all the same.
    async fn redis_is(&self, state: &str) {
        let (http, ready) = (http(), format!("{}/health/ready", self.server.base));
        until(async || {
            let answer = http.get(&ready).send().await.unwrap();
            assert_eq!(answer.status(), StatusCode::OK, "it is ready without Redis");
            let health: Value = answer.json().await.unwrap();
            health["checks"]["redis"]["state"] == state
        })
        .await;
    }

    /// Does the main job while Redis does not: each request is answered, and the agents' plan is there.
    async fn main_job(&self) {
        onboard(&self.client).await;
        let campaign = create_campaign(&self.client).await;
        let path = format!("/api/v1/campaigns/execute/{}", campaign["id"].as_str().unwrap());
        let run = self.client.post(&path, &json!({})).await.unwrap();
        let run = format!("/api/v1/agents/runs/{}", run["run_id"].as_str().unwrap());
        let run = self.client.poll(&run, |run| run["status"] != "queued" && run["status"] != "running");
        assert_eq!(run.await.unwrap()["status"], "completed");
    }

    async fn facts_wait(&mut self) {
        until(async || self.facts().await.waiting > 0).await;
    }

    async fn facts_are_published(&mut self) {
        until(async || self.facts().await.waiting == 0).await;
    }

    /// Whoever follows the workspace gets every fact, in order.
    async fn all_is_followed(mut self) {
        let told = self.facts().await.told;
        let mut text = String::new();
        let numbers = |text: &str| -> Vec<i64> {
            let ids = text.lines().filter_map(|line| line.strip_prefix("id: "));
            ids.map(|number| number.parse().unwrap()).collect()
        };
        let following = async {
            while numbers(&text).last().is_none_or(|last| *last < told) {
                let piece = self.following.chunk().await.unwrap().expect("the stream goes on");
                text.push_str(std::str::from_utf8(&piece).unwrap());
            }
        };
        let followed = tokio::time::timeout(Duration::from_secs(30), following).await;
        assert!(followed.is_ok(), "{told} facts were told; what came: {text}");
        assert_eq!(numbers(&text), (1..=told).collect::<Vec<_>>());
    }
}

async fn follow(server: &Server, workspace: &str) -> Response {
    let stream = format!("{}/api/v1/workspaces/{workspace}/events/stream", server.base);
    let token = access_token(server).await;
    let following = http().get(stream).bearer_auth(token).header("last-event-id", "0").send().await.unwrap();
    assert_eq!(following.status(), StatusCode::OK);
    following
}

/// The numbers that stand on the bus, by the facts' streams.
async fn on_the_bus(redis: &Redis) -> HashMap<String, Vec<i64>> {
    let entries: Vec<(String, HashMap<String, String>)> = redis.send("XRANGE {raptorflow}:facts - +").await;
    let mut numbers = HashMap::<String, Vec<i64>>::new();
    for (_, fields) in entries {
        let event: Value = serde_json::from_str(&fields["event"]).unwrap();
        let stream = [&event["workspace_id"], &event["user_id"]].into_iter().find_map(Value::as_str);
        let number = event["number"].as_i64().unwrap();
        numbers.entry(stream.unwrap_or_default().to_owned()).or_default().push(number);
    }
    numbers
}

#[tokio::test]
async fn redis_ends_in_the_middle_of_the_main_job_and_comes_back_empty() {
    let mut scene = Scene::set().await;
    scene.redis.stop();
    scene.main_job().await;
    scene.redis_is("degraded").await;
    scene.facts_wait().await;
    let waiting = scene.facts().await.waiting;
    let fresh = Redis::start();
    scene.proxy.lead_to(fresh.address());
    scene.facts_are_published().await;
    scene.redis_is("ok").await;
    let on_the_bus = on_the_bus(&fresh).await;
    let count: usize = on_the_bus.values().map(Vec::len).sum();
    assert!(i64::try_from(count).unwrap() >= waiting, "{count} of {waiting}");
    for (stream, numbers) in on_the_bus {
        let all: Vec<i64> = (numbers[0]..).take(numbers.len()).collect();
        assert_eq!(numbers, all, "what waited was published in order: {stream}");
    }
    scene.all_is_followed().await;
}

/// The same Redis is back with all that it had: it gets each fact once, and so does whoever follows.
async fn all_goes_on(mut scene: Scene) {
    scene.facts_are_published().await;
    scene.redis_is("ok").await;
    for (stream, numbers) in on_the_bus(&scene.redis).await {
        assert_eq!(numbers, (1..).take(numbers.len()).collect::<Vec<i64>>(), "each once, in order: {stream}");
    }
    scene.all_is_followed().await;
}

#[tokio::test]
async fn redis_freezes_in_the_middle_of_the_main_job_and_goes_on() {
    let scene = Scene::set().await;
    let _: String = scene.redis.send("CLIENT PAUSE 6000 ALL").await;
    tokio::join!(scene.redis_is("degraded"), scene.main_job());
    all_goes_on(scene).await;
}

#[tokio::test]
async fn redis_is_full_in_the_middle_of_the_main_job_and_goes_on() {
    let mut scene = Scene::set().await;
    let _: String = scene.redis.send("CONFIG SET maxmemory 1").await;
    tokio::join!(scene.redis_is("degraded"), scene.main_job());
    scene.facts_wait().await;
    let _: String = scene.redis.send("CONFIG SET maxmemory 0").await;
    all_goes_on(scene).await;
}

#[tokio::test]
async fn redis_and_the_database_are_both_slow_and_the_main_job_is_done_and_followed_all_the_same() {
    let mut scene = Scene::set().await;
    // A request does not wait as long for Redis, and for the database with each of its trips.
    scene.proxy.slow(Duration::from_millis(300));
    scene.to_database.slow(Duration::from_millis(5));
    scene.main_job().await;
    scene.facts_are_published().await;
    scene.all_is_followed().await;
}
