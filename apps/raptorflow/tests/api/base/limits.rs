//! Rate limits: whose bucket a call empties, what the answer says of it, and what can't be got around.

use super::probe::{Probe, probe, probe_limited, workspace};
use kernel::WorkspaceId;
use raptorflow::http::throttle::Limits;
use reqwest::{Method, Response};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::num::NonZeroU32;

fn limits(auth: u32, api: u32, workspaces: &[(WorkspaceId, u32)]) -> Limits {
    let limit = |limit| NonZeroU32::new(limit).unwrap();
    let workspaces: BTreeMap<_, _> = workspaces.iter().map(|(id, of)| (*id, limit(*of))).collect();
    Limits { auth: limit(auth), api: limit(api), ai: limit(1), workspaces }
}

/// A try of the route that accounts are guessed at, by a client behind the trusted proxy.
async fn guess(probe: &Probe, from: &str, email: &str) -> Response {
    guess_at(probe, "/api/v1/auth/probe", from, email).await
}

async fn guess_at(probe: &Probe, path: &str, from: &str, email: &str) -> Response {
    let request = probe.anonymous(Method::POST, path).header("X-Forwarded-For", from);
    request.json(&json!({ "email": email })).send().await.unwrap()
}

fn header<'r>(response: &'r Response, name: &str) -> &'r str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

#[tokio::test]
async fn the_answer_says_what_is_left_and_a_refusal_when_to_come_back() {
    let probe = probe_limited(limits(9, 2, &[])).await;
    let read = async || probe.call(Method::GET, "/api/v1/probe/route").send().await.unwrap();
    let list = async || probe.call(Method::GET, "/api/v1/probe/campaigns").send().await.unwrap();
    assert!(read().await.headers().get("ratelimit").is_none(), "the route asks nobody who they are");
    let first = list().await;
    assert_eq!(header(&first, "ratelimit-policy"), "\"api\";q=2;w=60");
    assert_eq!(header(&first, "ratelimit"), "\"api\";r=1;t=30");
    assert_eq!(header(&list().await, "ratelimit"), "\"api\";r=0;t=60");
    let refused = list().await;
    assert_eq!(refused.status(), 429);
    assert_eq!(header(&refused, "retry-after"), "30");
    assert_eq!(header(&refused, "content-type"), "application/problem+json");
    let body: Value = refused.json().await.unwrap();
    assert_eq!((&body["code"], &body["policy"]), (&json!("rate_limited"), &json!("api")));
}

#[tokio::test]
async fn callers_have_buckets_of_their_own_wherever_they_act() {
    let probe = probe_limited(limits(9, 1, &[(workspace(11), 3)])).await;
    let list = async |user: &str, at: u128| {
        let request = probe.anonymous(Method::GET, "/api/v1/probe/campaigns").bearer_auth(user);
        let request = request.header("X-Workspace-Id", workspace(at).to_string());
        request.send().await.unwrap()
    };
    assert_eq!(list("user-1", 10).await.status(), 200);
    assert_eq!(list("user-1", 10).await.status(), 429);
    assert_eq!(list("user-2", 10).await.status(), 404, "a stranger has a bucket of their own");
    assert_eq!(list("user-2", 10).await.status(), 429, "and who is refused has called all the same");
    let roomy = list("user-1", 11).await;
    assert_eq!((roomy.status().as_u16(), header(&roomy, "ratelimit-policy")), (200, "\"api\";q=3;w=60"));
    let stranger = list("user-3", 11).await;
    assert_eq!(header(&stranger, "ratelimit-policy"), "\"api\";q=1;w=60", "a quota is told to members only");
}

#[tokio::test]
async fn guesses_empty_the_bucket_of_their_address_whatever_they_say_of_it() {
    let probe = probe_limited(limits(2, 9, &[])).await;
    assert_eq!(guess(&probe, "198.51.100.1", "a@example.com").await.status(), 422);
    assert_eq!(guess(&probe, "6.6.6.6, 198.51.100.1", "b@example.com").await.status(), 422);
    let refused = guess(&probe, "7.7.7.7, 198.51.100.1", "c@example.com").await;
    assert_eq!((refused.status().as_u16(), header(&refused, "ratelimit-policy")), (429, "\"auth\";q=2;w=60"));
    assert_eq!(guess(&probe, "198.51.100.2", "d@example.com").await.status(), 422);
    for last in 1..=2 {
        assert_eq!(guess(&probe, &format!("2001:db8:1:2::{last}"), "e@example.com").await.status(), 422);
    }
    assert_eq!(guess(&probe, "2001:db8:1:2:ffff::3", "f@example.com").await.status(), 429, "one network");
}

#[tokio::test]
async fn escapes_in_the_path_are_no_way_around() {
    let probe = probe_limited(limits(5, 9, &[])).await;
    let ways = ["/api/v1/auth/probe", "/%61pi/v1/auth/probe", "/api/v1/%61uth/prob%65"].repeat(2);
    let passed = async |from: &str| {
        let mut passed = 0;
        for way in &ways {
            let answer = guess_at(&probe, way, from, "victim@example.com").await;
            passed += usize::from(answer.status() == 422);
        }
        passed
    };
    assert_eq!(passed("198.51.100.1").await, 5, "an address has its bucket");
    let mut of_the_account = 0;
    for attacker in 0..10 {
        of_the_account += passed(&format!("203.0.113.{attacker}")).await;
    }
    assert!(of_the_account <= 10 * 3, "{of_the_account} guesses of 60 passed");
    let long = json!({ "email": "x".repeat(5_000) });
    let answer = probe.anonymous(Method::POST, "/%61pi/v1/auth/probe").json(&long).send().await.unwrap();
    assert_eq!(answer.status(), 413, "and the area's limit of bodies holds");
}

#[tokio::test]
async fn many_addresses_guess_at_an_account_slowly_and_lock_nobody_out() {
    let probe = probe_limited(limits(5, 9, &[])).await;
    let from = |n: u32| format!("198.51.{}.{}", n / 250, n % 250);
    let mut passed = 0;
    // Each attacker would have five guesses of their own.
    for attacker in 0..10 {
        for _ in 0..5 {
            let answer = guess(&probe, &from(attacker), "Victim@example.com").await;
            passed += usize::from(answer.status() == 422);
        }
    }
    assert!(passed <= 5 + 10 * 3, "{passed} guesses of 50 passed");
    let owner = guess(&probe, "203.0.113.9", "victim@example.com").await;
    assert_eq!(owner.status(), 422, "the owner comes from elsewhere and is let try");
}

#[tokio::test]
async fn bad_credentials_are_limited_by_address() {
    let probe = probe_limited(limits(9, 2, &[])).await;
    let with = async |token: &str| {
        let request = probe.anonymous(Method::GET, "/api/v1/probe/campaigns").bearer_auth(token);
        request.send().await.unwrap().status().as_u16()
    };
    assert_eq!([with("x").await, with("y").await, with("z").await], [401, 401, 429]);
    assert_eq!(with("user-1").await, 200, "who has good ones is not kept out by others behind the address");
}

#[tokio::test]
async fn whoever_calls_comes_first_whatever_else_is_wrong_with_the_request() {
    let (unlimited, probe) = (probe().await, probe_limited(limits(9, 2, &[])).await);
    let campaigns = "/api/v1/probe/campaigns";
    let wrong = [
        (Method::GET, format!("{campaigns}?bogus=1")),
        (Method::GET, format!("{campaigns}/no-uuid")),
        (Method::PUT, format!("{campaigns}/no-uuid")),
        (Method::DELETE, format!("{campaigns}/no-uuid")),
    ];
    for (method, path) in &wrong {
        let stranger = unlimited.anonymous(method.clone(), path).json(&json!({})).send().await.unwrap();
        assert_eq!(stranger.status(), 401, "{method} {path}");
    }
    let answers = async |(method, path): &(Method, String)| {
        probe.call(method.clone(), path).json(&json!({})).send().await.unwrap().status().as_u16()
    };
    assert_eq!([answers(&wrong[0]).await, answers(&wrong[2]).await], [400, 400]);
    assert_eq!([answers(&wrong[0]).await, answers(&wrong[2]).await], [429, 429], "each has counted");
}
