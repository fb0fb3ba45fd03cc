//! The ways to PostgreSQL and to Redis are slow or cut off: callers are told when to come again, and what they repeat is done
//! once.

use super::{
    cut_off::{EMAIL, PASSWORD, access_token},
    server::{Database, Server},
};
use futures_util::future::join_all;
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode, header::RETRY_AFTER};
use serde_json::{Value, json};
use servers::{Proxy, Redis, until};
use std::time::Duration;
use tempfile::TempDir;
use web::Patience;

/// Slower than a request waits for Redis, so that it is done without.
const WITHOUT_REDIS: Duration = Duration::from_millis(300);
/// Slower than requests may be.
const HARDLY: Duration = Duration::from_secs(3);
/// Whoever calls hears something within this time, which is twice `REQUEST_TIMEOUT_SECONDS`.
const HEARD: Duration = Duration::from_secs(8);

/// Somebody with an account, and the ways of a server to its database and to Redis.
struct Scene {
    http: Client,
    token: String,
    /// By the slow way.
    database: Database,
    to_database: Proxy,
    to_redis: Proxy,
    _redis: Redis,
    _folder: TempDir,
}

impl Scene {
    async fn set() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::fresh(folder.path()).await;
        let redis = Redis::start();
        let (to_database, to_redis) =
            (Proxy::before(database.address()).await, Proxy::before(redis.address()).await);
        let first = database.server().await;
        let worker = database.worker();
        first.client(folder.path()).join(EMAIL, PASSWORD).await.unwrap();
        let token = access_token(&first).await;
        drop(worker);
        let http = web::client(Patience { connect: HEARD, total: HEARD }).unwrap();
        let database = database.at(to_database.address);
        Self { http, token, database, to_database, to_redis, _redis: redis, _folder: folder }
    }

    /// A server with a limit.
    async fn server(&self, per_minute: usize) -> Server {
        let (redis, limit) = (format!("redis://{}", self.to_redis.address), per_minute.to_string());
        let settings = [
            ("REDIS_URL", redis.as_str()),
            ("RATE_LIMIT_PER_MINUTE", &limit),
            ("REQUEST_TIMEOUT_SECONDS", "4"),
            ("DATABASE_POOL_SIZE", "2"),
        ];
        self.database.server_with(&settings).await
    }

    fn request(&self, server: &Server, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", server.base)).bearer_auth(&self.token)
    }

    /// A workspace of this number, which a repetition does not make a second time.
    async fn make(&self, server: &Server, n: usize) -> Response {
        let request = self.request(server, Method::POST, "/api/v1/workspaces");
        let request = request.header("idempotency-key", format!("workspace-{n}"));
        request.json(&json!({"name": format!("Nib {n}")})).send().await.unwrap()
    }
}

/// Done, or told when to come again and why.
async fn is_done(answer: Response) -> bool {
    let (status, again) = (answer.status(), answer.headers().get(RETRY_AFTER).cloned());
    let body: Value = answer.json().await.unwrap();
    if status.is_success() {
        return true;
    }
    let code = body["code"].as_str().unwrap();
    let is_told = status == StatusCode::SERVICE_UNAVAILABLE
        && ["unavailable", "request_timeout", "overloaded"].contains(&code);
    let is_under_way = status == StatusCode::CONFLICT && code == "idempotency_in_flight";
    assert!((is_told && again.is_some()) || is_under_way, "{status} {again:?} {body}");
    false
}

#[tokio::test]
async fn while_the_database_is_slow_or_cut_off_callers_are_told_when_to_come_again() {
    let scene = Scene::set().await;
    let server = scene.server(1_000_000).await;
    let ask = async || scene.request(&server, Method::GET, "/api/v1/users/me").send().await.unwrap();
    assert!(is_done(ask().await).await);
    let disturb: [fn(&Proxy); 3] = [|way| way.slow(HARDLY), Proxy::stall, Proxy::cut];
    for (round, disturb) in disturb.into_iter().enumerate() {
        disturb(&scene.to_database);
        let answers = join_all((0..8).map(|_| ask())).await;
        let done = join_all(answers.into_iter().map(is_done)).await;
        let given_up = done.into_iter().filter(|done| !done).count();
        assert!(round == 2 || given_up >= 6, "{round}: of 8 with 2 connections {given_up} were given up");
        scene.to_database.go_on();
        until(async || is_done(ask().await).await).await;
        let health = scene.request(&server, Method::GET, "/health/ready").send().await.unwrap();
        assert_eq!(health.status(), StatusCode::OK, "{round}");
    }
}

#[tokio::test]
async fn while_both_hardly_answer_callers_are_told_and_what_they_repeat_is_done_once() {
    const WORKSPACES: usize = 6;
    let scene = Scene::set().await;
    let server = scene.server(1_000_000).await;
    assert!(is_done(scene.make(&server, 0).await).await);
    scene.to_database.slow(HARDLY);
    scene.to_redis.slow(HARDLY);
    let made = join_all((1..WORKSPACES).map(|n| scene.make(&server, n))).await;
    let done = join_all(made.into_iter().map(is_done)).await;
    assert!(!done.contains(&true), "one trip takes longer than a request may");
    scene.to_database.go_on();
    scene.to_redis.go_on();
    for n in 0..WORKSPACES {
        until(async || is_done(scene.make(&server, n).await).await).await;
    }
    let listed = scene.request(&server, Method::GET, "/api/v1/workspaces").send().await.unwrap();
    let listed: Value = listed.json().await.unwrap();
    let mut names: Vec<&str> =
        listed["items"].as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap()).collect();
    names.sort_unstable();
    assert_eq!(names, ["Nib 0", "Nib 1", "Nib 2", "Nib 3", "Nib 4", "Nib 5"]);
}

#[tokio::test]
async fn while_both_are_slow_each_server_holds_half_of_the_limit_by_itself_and_answers_right() {
    const LIMIT: usize = 40;
    let scene = Scene::set().await;
    let servers = [scene.server(LIMIT).await, scene.server(LIMIT).await];
    scene.to_database.slow(Duration::from_millis(20));
    scene.to_redis.slow(WITHOUT_REDIS);
    for server in &servers {
        let asked = (0..LIMIT).map(|_| scene.request(server, Method::GET, "/api/v1/users/me").send());
        let mut passed = 0;
        for answer in join_all(asked).await {
            let answer = answer.unwrap();
            let (status, again) = (answer.status(), answer.headers().contains_key(RETRY_AFTER));
            let body: Value = answer.json().await.unwrap();
            match status {
                StatusCode::OK => assert_eq!(body["email"], EMAIL),
                _ => assert_eq!((status.as_u16(), again, &body["code"]), (429, true, &json!("rate_limited"))),
            }
            passed += usize::from(status == StatusCode::OK);
        }
        // A bucket gets one token more in three seconds.
        assert!((LIMIT / 2..LIMIT / 2 + 4).contains(&passed), "{passed} calls passed");
    }
}
