//! What every answer has, and what becomes of requests that go wrong.

use super::probe::{ORIGIN, Probe, client, expect_problem, probe};
use reqwest::Method;
use serde_json::Value;

const ROUTE: &str = "/api/v1/probe/route";

#[actix_web::test]
async fn a_path_that_no_route_has_is_404_and_another_method_405() {
    let probe = probe().await;
    for path in
        ["/nowhere", "/api/v1", "/api/v2/probe/route", "/api/v1/probe/route/", "//", "/%2e%2e/etc/passwd"]
    {
        expect_problem(probe.anonymous(Method::GET, path).send().await.unwrap(), 404, "not_found").await;
    }
    let response = probe.anonymous(Method::POST, ROUTE).send().await.unwrap();
    assert_eq!(response.headers()["allow"], "GET, HEAD");
    expect_problem(response, 405, "method_not_allowed").await;
    let response = probe.anonymous(Method::PATCH, "/api/v1/probe/campaigns/x").send().await.unwrap();
    assert_eq!(response.headers()["allow"], "GET, HEAD, PUT, DELETE");
    expect_problem(response, 405, "method_not_allowed").await;
}

#[actix_web::test]
async fn the_routes_of_an_area_are_found_by_whatever_names_them() {
    let probe = probe().await;
    for path in ["/health/live", "/%68ealth/liv%65", "/docs/swagger-ui.css", "/docs/%73wagger-ui.css"] {
        assert_eq!(probe.anonymous(Method::GET, path).send().await.unwrap().status(), 200, "{path}");
    }
    let response = probe.anonymous(Method::PUT, "/%68ealth/live").send().await.unwrap();
    assert_eq!(response.headers()["allow"], "GET, HEAD");
    expect_problem(response, 405, "method_not_allowed").await;
}

#[actix_web::test]
async fn head_is_get_without_the_body() {
    let probe = probe().await;
    let response = probe.anonymous(Method::HEAD, ROUTE).send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert_ne!(response.headers()["content-length"], "0");
    assert_eq!(response.text().await.unwrap(), "");
}

#[actix_web::test]
async fn a_sane_correlation_id_is_kept_and_another_is_replaced() {
    let probe = probe().await;
    let sent = |id: &'static str| probe.anonymous(Method::GET, ROUTE).header("x-correlation-id", id).send();
    let kept = sent("client-req_42.x").await.unwrap();
    assert_eq!(kept.headers()["x-correlation-id"], "client-req_42.x");
    for odd in ["short", "has space in it", "<script>alert(1)</script>"] {
        let answer = sent(odd).await.unwrap();
        assert_ne!(answer.headers()["x-correlation-id"], odd);
        assert_eq!(answer.headers()["x-correlation-id"].len(), 36);
    }
    let failing = probe.anonymous(Method::GET, "/nowhere").header("x-correlation-id", "client-req_43").send();
    let problem = expect_problem(failing.await.unwrap(), 404, "not_found").await;
    assert_eq!(problem["correlation_id"], "client-req_43");
}

#[actix_web::test]
async fn every_answer_carries_the_guarding_headers() {
    let probe = probe().await;
    for (method, path) in
        [(Method::GET, ROUTE), (Method::GET, "/nowhere"), (Method::PATCH, "/api/v1/probe/fail/panic")]
    {
        let answer = probe.anonymous(method, path).send().await.unwrap();
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "no-referrer"),
            ("cache-control", "no-store"),
            ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
            ("strict-transport-security", "max-age=31536000; includeSubDomains"),
        ] {
            assert_eq!(answer.headers().get(name).map(|v| v.to_str().unwrap()), Some(value), "{path} {name}");
        }
    }
}

#[actix_web::test]
async fn panics_and_store_failures_are_500_and_keep_the_inside_in() {
    let probe = probe().await;
    for how in ["panic", "store"] {
        let response =
            probe.anonymous(Method::PATCH, &format!("/api/v1/probe/fail/{how}")).send().await.unwrap();
        expect_problem(response, 500, "internal").await;
    }
    let after = probe.anonymous(Method::GET, ROUTE).send().await.unwrap();
    assert_eq!(after.status(), 200, "the server lives on");
}

#[actix_web::test]
async fn a_request_that_takes_too_long_is_503() {
    let probe = probe().await;
    let request = probe.anonymous(Method::PATCH, "/api/v1/probe/fail/hang").header("origin", ORIGIN);
    let response = request.send().await.unwrap();
    assert_eq!(response.headers()["retry-after"], "2");
    assert_eq!(response.headers()["access-control-allow-origin"], ORIGIN);
    expect_problem(response, 503, "request_timeout").await;
}

#[actix_web::test]
async fn a_bare_error_of_a_handler_becomes_a_problem() {
    let probe = probe().await;
    let response = probe.anonymous(Method::PATCH, "/api/v1/probe/fail/bare").send().await.unwrap();
    expect_problem(response, 409, "conflict").await;
}

#[actix_web::test]
async fn cors_lets_the_configured_page_in_and_no_other() {
    let probe = probe().await;
    let preflight = |origin: &'static str, method: &'static str, headers: &'static str| {
        let request = probe.anonymous(Method::OPTIONS, "/api/v1/probe/campaigns").header("origin", origin);
        let request = request.header("access-control-request-method", method);
        request.header("access-control-request-headers", headers).send()
    };
    let granted = preflight(ORIGIN, "POST", "authorization, content-type, idempotency-key, x-workspace-id")
        .await
        .unwrap();
    assert_eq!(granted.status(), 200);
    assert_eq!(granted.headers()["access-control-allow-origin"], ORIGIN);
    assert!(granted.headers().contains_key("x-correlation-id"));
    for (origin, method, headers) in
        [("https://evil.example", "POST", "authorization"), (ORIGIN, "TRACE", ""), (ORIGIN, "POST", "x-odd")]
    {
        let refused = preflight(origin, method, headers).await.unwrap();
        assert_ne!(
            refused.headers().get("access-control-allow-origin").map(|v| v.to_str().unwrap()),
            Some("*")
        );
        expect_problem(refused, 400, "origin_not_allowed").await;
    }
    let page = probe.anonymous(Method::GET, "/nowhere").header("origin", ORIGIN).send().await.unwrap();
    assert_eq!(page.headers()["access-control-allow-origin"], ORIGIN, "a page must be able to read problems");
    let evil =
        probe.anonymous(Method::GET, ROUTE).header("origin", "https://evil.example").send().await.unwrap();
    assert!(!evil.headers().contains_key("access-control-allow-origin"));
    assert!(!evil.headers().contains_key("access-control-expose-headers"));
    assert_eq!(
        evil.headers()["vary"],
        "Origin",
        "a cache must not give a page what another one was answered"
    );
}

#[actix_web::test]
async fn pages_are_told_what_they_may_read_and_programs_are_not() {
    let probe = probe().await;
    for path in [ROUTE, "/api/v1/probe/fail/hang"] {
        let page = probe.anonymous(Method::PATCH, path).header("origin", ORIGIN).send().await.unwrap();
        let exposed = page.headers()["access-control-expose-headers"].to_str().unwrap();
        assert!(exposed.contains("etag") && exposed.contains("x-correlation-id"), "{exposed}");
        assert_eq!(page.headers()["vary"], "Origin");
    }
    let program = probe.anonymous(Method::GET, ROUTE).send().await.unwrap();
    for name in ["access-control-expose-headers", "vary"] {
        assert!(!program.headers().contains_key(name), "{name}");
    }
    let kept = probe.anonymous(Method::GET, "/docs").send().await.unwrap();
    assert!(kept.headers()["cache-control"].to_str().unwrap().starts_with("public"));
    let varies: Vec<_> = kept.headers().get_all("vary").iter().collect();
    assert!(varies.iter().any(|name| *name == "Origin"), "a cache may give it to a page: {varies:?}");
}

#[actix_web::test]
async fn large_answers_are_compressed_for_those_who_take_it() {
    let probe = probe().await;
    let large = |encoding: &'static str| {
        probe.anonymous(Method::PATCH, "/api/v1/probe/fail/large").header("accept-encoding", encoding).send()
    };
    for encoding in ["gzip", "br", "zstd"] {
        let answer = large(encoding).await.unwrap();
        assert_eq!(answer.headers()["content-encoding"], encoding);
        assert!(answer.bytes().await.unwrap().len() < 1_000);
    }
    assert!(!large("identity").await.unwrap().headers().contains_key("content-encoding"));
    let small = probe.anonymous(Method::GET, ROUTE).header("accept-encoding", "gzip").send().await.unwrap();
    assert!(!small.headers().contains_key("content-encoding"));
    let body: Value = small.json().await.unwrap();
    assert_eq!(body["route"], ROUTE);
    let none = large("identity;q=0, *;q=0").await.unwrap();
    expect_problem(none, 406, "not_acceptable").await;
}

#[actix_web::test]
async fn an_ending_server_answers_what_it_has_begun_and_takes_nothing_new() {
    let probe = probe().await;
    let alive = probe.anonymous(Method::GET, ROUTE).send().await.unwrap();
    assert_eq!(alive.status(), 200);
    let answer = tokio::spawn(probe.anonymous(Method::PATCH, "/api/v1/probe/fail/hang").send());
    let Probe { base, running, begun, .. } = probe;
    begun.notified().await;
    running.stop().await.unwrap();
    expect_problem(answer.await.unwrap().unwrap(), 503, "request_timeout").await;
    let refused = client().get(format!("{base}{ROUTE}")).send().await;
    assert!(refused.unwrap_err().is_connect());
}
