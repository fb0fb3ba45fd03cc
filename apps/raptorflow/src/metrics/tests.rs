use super::table::METRICS;
use super::*;

fn lines(metrics: &Metrics, name: &str) -> Vec<String> {
    let text = metrics.text().unwrap();
    text.lines().filter(|line| line.starts_with(name)).map(ToOwned::to_owned).collect()
}

#[test]
fn requests_are_counted_by_method_route_and_class() {
    let metrics = Metrics::new(Ok).unwrap();
    for status in [200, 201, 404] {
        metrics.request_answered("GET", "/a/{id}".into(), status, Duration::from_millis(20));
    }
    metrics.request_answered("BREW", "/a/{id}".into(), 418, Duration::ZERO);
    assert_eq!(
        lines(&metrics, "raptorflow_http_requests_total"),
        [
            r#"raptorflow_http_requests_total{method="GET",route="/a/{id}",status="2xx"} 2"#,
            r#"raptorflow_http_requests_total{method="GET",route="/a/{id}",status="4xx"} 1"#,
            r#"raptorflow_http_requests_total{method="other",route="/a/{id}",status="4xx"} 1"#,
        ]
    );
    let name = "raptorflow_http_request_duration_seconds";
    let count = format!("{name}_count{{method=\"GET\",route=\"/a/{{id}}\"}} 3");
    assert_eq!(lines(&metrics, &format!("{name}_count{{method=\"GET\"")), [count]);
    let bucket = lines(&metrics, &format!("{name}_bucket{{method=\"GET\""));
    assert!(bucket[1].ends_with("le=\"0.01\"} 0") && bucket[2].ends_with("le=\"0.025\"} 3"), "{bucket:?}");
}

#[test]
fn a_request_is_in_flight_until_its_answer_is_dropped() {
    let metrics = Metrics::new(Ok).unwrap();
    let first = metrics.request_comes();
    let second = metrics.request_comes();
    let in_flight = || lines(&metrics, "raptorflow_http_requests_in_flight");
    assert_eq!(in_flight(), ["raptorflow_http_requests_in_flight 2"]);
    drop((first, second));
    assert_eq!(in_flight(), ["raptorflow_http_requests_in_flight 0"]);
}

#[test]
fn names_follow_the_conventions_and_come_once() {
    for (index, metric) in METRICS.iter().enumerate() {
        let name = metric.name;
        assert!(METRICS[index + 1..].iter().all(|other| other.name != name), "{name} comes twice");
        assert_eq!(name.ends_with("_total"), metric.kind == Kind::Counter, "{name}");
        assert!(name.starts_with("raptorflow_") || name.starts_with("process_"), "{name}");
        assert!(!metric.help.is_empty() && !metric.help.ends_with('.'), "{name}");
    }
}

#[test]
fn large_counts_stay_what_they_are() {
    let bytes = 5_000_000_001_usize;
    assert!((look::as_f64(bytes) - 5_000_000_001.0).abs() < f64::EPSILON);
    assert!((look::as_f64(7) - 7.0).abs() < f64::EPSILON);
}
