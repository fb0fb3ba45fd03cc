//! What the real process counts and shows.

use super::server::{Database, Server};
use super::tracing::{asking_a_model, joined, making_a_workspace};
use raptorflow::metrics::table::METRICS;
use std::collections::BTreeSet;
use std::time::Duration;

/// The text of `/metrics`, as soon as it has this line's beginning.
pub(crate) async fn shown(server: &Server, awaited: &str) -> String {
    let patience = web::Patience { connect: Duration::from_secs(5), total: Duration::from_secs(10) };
    let client = web::client(patience).unwrap();
    let look = async {
        let mut look = tokio::time::interval(Duration::from_millis(50));
        loop {
            look.tick().await;
            let answer = client.get(format!("{}/metrics", server.base)).send().await.unwrap();
            let text = answer.text().await.unwrap();
            if text.lines().any(|line| line.starts_with(awaited)) {
                return text;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(30), look).await.expect("the metric comes")
}

#[tokio::test]
async fn the_process_shows_every_metric_that_there_is_and_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let fake = fakes::Fake::start().await;
    let openai = format!("{}/v1", fake.url());
    let settings = [
        // A dependency is there, and with it its breaker; nobody calls it.
        ("SUPABASE_URL", "http://127.0.0.1:9"),
        ("OPENAI_API_KEY", "key"),
        ("OPENAI_BASE_URL", &openai),
    ];
    let server = Server::embedded_with(folder.path(), &settings).await;
    let token = joined(&server, folder.path()).await;
    // Its making is a fact that concerns somebody.
    making_a_workspace(&server, &token).send().await.unwrap().error_for_status().unwrap();
    asking_a_model(&server, &token, true).send().await.unwrap().text().await.unwrap();
    shown(&server, "raptorflow_fact_delay_seconds_count").await;
    let text = shown(&server, "raptorflow_workers 1").await;
    let types: BTreeSet<&str> = text.lines().filter_map(|line| line.strip_prefix("# TYPE ")).collect();
    let wanted: Vec<String> =
        METRICS.iter().map(|metric| format!("{} {}", metric.name, metric.kind.name())).collect();
    assert_eq!(types, wanted.iter().map(String::as_str).collect::<BTreeSet<_>>());
    for metric in METRICS {
        assert!(text.contains(&format!("# HELP {} {}\n", metric.name, metric.help)), "{}", metric.name);
        let line = text.lines().find(|line| {
            line.strip_prefix(metric.name).is_some_and(|rest| rest.starts_with(['{', ' ', '_']))
        });
        for label in metric.labels {
            assert!(line.is_some_and(|line| line.contains(&format!("{label}=\""))), "{label} in {line:?}");
        }
    }
    assert!(text.contains(r#"raptorflow_pool_connections_max{pool="writer"} 1"#), "{text}");
    assert!(text.contains(r#",outcome="succeeded"} "#), "the jobs of the sign-up are counted: {text}");
    let memory = text.lines().find_map(|line| line.strip_prefix("process_resident_memory_bytes ")).unwrap();
    assert!(memory.parse::<f64>().unwrap() > 1e6, "{memory}");
}

#[tokio::test]
async fn a_worker_tells_how_it_does_where_it_was_told_to_and_serves_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::fresh(folder.path()).await;
    let server = database.server().await;
    let worker = database.worker_that_tells().await;
    let mut client = server.client(folder.path());
    client.join("ada@example.com", "correct horse battery").await.unwrap();
    let text = shown(&worker, "raptorflow_jobs_total").await;
    assert!(text.contains(r#",outcome="succeeded"} "#), "{text}");
    assert!(text.contains("raptorflow_uptime_seconds ") && text.contains("raptorflow_build_info{"), "{text}");
    let patience = web::Patience { connect: Duration::from_secs(5), total: Duration::from_secs(10) };
    let http = web::client(patience).unwrap();
    for (path, status) in [
        ("/health/live", 200),
        ("/health/ready", 200),
        ("/health", 200),
        ("/health/detailed", 200),
        ("/api/v1/workspaces", 404),
        ("/docs", 404),
    ] {
        let answer = http.get(format!("{}{path}", worker.base)).send().await.unwrap();
        assert_eq!(answer.status(), status, "{path}");
        assert!(answer.headers().contains_key("x-correlation-id"), "{path}");
    }
}
