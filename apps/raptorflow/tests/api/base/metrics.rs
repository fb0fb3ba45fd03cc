//! What `/metrics` counts of requests, and what requests can't make of it.

use super::probe::{Probe, probe, workspace};
use reqwest::Method;
use std::collections::BTreeSet;

/// The lines of a metric, as the process shows them.
async fn lines(probe: &Probe, name: &str) -> Vec<String> {
    let answer = probe.anonymous(Method::GET, "/metrics").send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let media_type = answer.headers()["content-type"].to_str().unwrap().to_owned();
    assert!(media_type.starts_with("text/plain; version=0.0.4"), "{media_type}");
    let text = answer.text().await.unwrap();
    text.lines().filter(|line| line.starts_with(&format!("{name}{{"))).map(ToOwned::to_owned).collect()
}

/// The number at the end of the one line that has these labels.
fn count(lines: &[String], labels: &str) -> u64 {
    let found: Vec<_> = lines.iter().filter(|line| line.contains(labels)).collect();
    assert_eq!(found.len(), 1, "{labels} in {lines:?}");
    found[0].rsplit(' ').next().unwrap().parse().unwrap()
}

const REQUESTS: &str = "raptorflow_http_requests_total";
const ROUTE: &str = "/api/v1/probe/campaigns/{campaign_id}";

#[actix_web::test]
async fn known_requests_are_counted_where_they_belong() {
    let probe = probe().await;
    for n in 1..=3 {
        let path = format!("/api/v1/probe/campaigns/{}", workspace(n));
        assert_eq!(probe.call(Method::GET, &path).send().await.unwrap().status(), 200);
    }
    let bad = probe.call(Method::GET, "/api/v1/probe/campaigns/7").send().await.unwrap();
    assert_eq!(bad.status(), 400);
    let panicked = probe.anonymous(Method::PATCH, "/api/v1/probe/fail/panic").send().await.unwrap();
    assert_eq!(panicked.status(), 500);
    let late = probe.anonymous(Method::PATCH, "/api/v1/probe/fail/hang").send().await.unwrap();
    assert_eq!(late.status(), 503);
    let found = lines(&probe, REQUESTS).await;
    assert_eq!(count(&found, &format!(r#"{{method="GET",route="{ROUTE}",status="2xx"}}"#)), 3);
    assert_eq!(count(&found, &format!(r#"{{method="GET",route="{ROUTE}",status="4xx"}}"#)), 1);
    assert_eq!(count(&found, r#"{method="PATCH",route="/api/v1/probe/fail/{how}",status="5xx"}"#), 2);
    let took = lines(&probe, "raptorflow_http_request_duration_seconds_count").await;
    assert_eq!(count(&took, &format!(r#"{{method="GET",route="{ROUTE}"}}"#)), 4);
    // The scrape itself is the one that is in flight.
    let answer = probe.anonymous(Method::GET, "/metrics").send().await.unwrap().text().await.unwrap();
    assert!(answer.contains("\nraptorflow_http_requests_in_flight 1\n"), "{answer}");
}

#[actix_web::test]
async fn strangers_can_not_make_the_lists_of_labels_longer() {
    let probe = probe().await;
    let shown = async || {
        let lines = lines(&probe, REQUESTS).await;
        let of = |label: &str| {
            let value = |line: &String| {
                let rest = line.split(&format!("{label}=\"")).nth(1).unwrap().split('"').next();
                rest.unwrap().to_owned()
            };
            lines.iter().map(value).collect::<BTreeSet<_>>()
        };
        (of("method"), of("route"), of("status"))
    };
    for (method, path) in [
        (Method::GET, "/nothing"),
        (Method::PUT, "/api/v1/probe/route"),
        (Method::from_bytes(b"BREW").unwrap(), "/nothing"),
        (Method::GET, "/api/v1/probe/campaigns/x"),
    ] {
        probe.call(method, path).send().await.unwrap();
    }
    shown().await;
    let before = shown().await;
    for n in 0..40 {
        let method = Method::from_bytes(format!("BREW{n}").as_bytes()).unwrap();
        for (method, path) in [
            (Method::GET, format!("/nothing/{n}/{}", workspace(n))),
            (Method::GET, format!("/api/v1/probe/campaigns/{}?q={n}", workspace(n))),
            (Method::PUT, "/api/v1/probe/route".to_owned()),
            (method, "/api/v1/probe/route".to_owned()),
        ] {
            probe.call(method, &path).send().await.unwrap();
        }
    }
    let after = shown().await;
    assert_eq!(after.0, before.0);
    assert_eq!(after.1, before.1);
    let routes: Vec<_> = after.1.iter().map(String::as_str).collect();
    assert_eq!(routes, ["(no route)", ROUTE, "/metrics"]);
    let methods: Vec<_> = after.0.iter().map(String::as_str).collect();
    assert_eq!(methods, ["GET", "PUT", "other"]);
    let made_up = lines(&probe, REQUESTS).await;
    assert_eq!(count(&made_up, r#"{method="other",route="(no route)",status="4xx"}"#), 41);
}
