//! Areas that are switched off.

use super::probe::{ORIGIN, Probe, expect_problem, probe, probe_without};
use raptorflow::http::features::switchable;
use raptorflow::http::{
    AREAS, openapi,
    routes::{operations, sockets},
};
use reqwest::Method;
use serde_json::Value;

/// Every route of the area, with something in place of its ids.
fn routes_of(area: &str) -> Vec<(Method, String)> {
    let (_, configure) = AREAS.iter().find(|(name, _)| *name == area).unwrap();
    let document = openapi::document(*configure).unwrap();
    let mut found: Vec<_> = sockets(*configure).into_iter().map(|path| (Method::GET, filled(path))).collect();
    for (path, item) in &document.paths.paths {
        for (method, _) in operations(item) {
            found.push((Method::from_bytes(method.as_str().as_bytes()).unwrap(), filled(path)));
        }
    }
    found
}

fn filled(path: &str) -> String {
    path.split('{').enumerate().fold(String::new(), |path, (index, part)| {
        let rest = if index == 0 { part } else { part.split_once('}').unwrap().1 };
        path + if index == 0 { "" } else { "01976f6e-0000-7000-8000-0000deadbeef" } + rest
    })
}

async fn answer(probe: &Probe, method: Method, path: &str) -> (u16, Value) {
    let answer = probe.anonymous(method, path).send().await.unwrap();
    let status = answer.status().as_u16();
    (status, serde_json::from_str(&answer.text().await.unwrap()).unwrap_or_default())
}

#[actix_web::test]
async fn every_route_of_an_area_that_is_off_says_so_before_anybody_is_asked_who_they_are() {
    let all: Vec<&'static str> = switchable().collect();
    let probe = probe_without(&all).await;
    let mut seen = 0;
    for area in &all {
        for (method, path) in routes_of(area) {
            let (status, body) = answer(&probe, method.clone(), &path).await;
            assert_eq!(
                (status, &body["code"]),
                (403, &"feature_disabled".into()),
                "{method} {path} of {area}"
            );
            seen += 1;
        }
    }
    assert!(seen > 60, "{seen} routes");
    assert_eq!(answer(&probe, Method::GET, "/health/live").await.0, 200);
    assert_eq!(answer(&probe, Method::GET, "/openapi.json").await.0, 200);
}

/// Two areas may have handlers at one path.
#[actix_web::test]
async fn every_method_of_a_path_reaches_its_own_area() {
    let (probe, mut seen) = (probe().await, 0);
    for (area, _) in AREAS {
        for (method, path) in routes_of(area) {
            let (status, body) = answer(&probe, method.clone(), &path).await;
            assert_ne!(status, 405, "{method} {path} of {area}: {body}");
            seen += 1;
        }
    }
    assert!(seen > 100, "{seen} routes");
}

#[actix_web::test]
async fn the_others_go_on_and_the_document_stays_whole() {
    let (some, whole) = (probe_without(&["campaigns"]).await, probe().await);
    let off = some.call(Method::GET, "/api/v1/campaigns/list").header("Origin", ORIGIN).send().await.unwrap();
    assert_eq!(off.headers()["access-control-allow-origin"], ORIGIN, "a web page can read why");
    expect_problem(off, 403, "feature_disabled").await;
    let head = some.call(Method::HEAD, "/api/v1/campaigns/list").send().await.unwrap();
    assert_eq!(head.status(), 403);
    // Moves are another area, also below a campaign's path or not.
    assert_ne!(answer(&some, Method::GET, "/api/v1/moves").await.1["code"], "feature_disabled");
    assert_eq!(answer(&some, Method::GET, "/api/v1/campaigns/nothing/at/all").await.0, 404);
    let document = async |probe: &Probe| answer(probe, Method::GET, "/openapi.json").await.1;
    assert_eq!(document(&some).await, document(&whole).await);
}
