use super::table::METRICS;
use super::*;
use agents::dispatch::{CallEnd, CallHead, FailureKind, Finish, Operation, Provider, ServiceTier, Usage};
use kernel::{Actor, CorrelationId, PicoUsd, Timestamp};

fn lines(metrics: &Metrics, name: &str) -> Vec<String> {
    let text = metrics.text().unwrap();
    text.lines().filter(|line| line.starts_with(name)).map(ToOwned::to_owned).collect()
}

#[test]
fn requests_are_counted_by_method_route_and_class() {
    let metrics = Metrics::new(Ok).unwrap();
    for status in [200, 201, 404] {
        metrics.request_answered("GET", "/a/{id}", status, Duration::from_millis(20));
    }
    metrics.request_answered("BREW", "/a/{id}", 418, Duration::ZERO);
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
fn calls_of_models_are_counted_by_what_is_asked_and_how_they_end() {
    let metrics = Metrics::new(Ok).unwrap();
    metrics.model_called(&call(CallEnd::Answered(Finish::Stop), 139_000_000));
    metrics.model_called(&call(CallEnd::Failed(FailureKind::TimedOut), 0));
    let of = r#"model="gpt-6-luna",outcome="#;
    let calls = lines(&metrics, "raptorflow_model_calls_total");
    let counted = |outcome: &str| calls.iter().any(|line| line.contains(&format!("{of}\"{outcome}\"")));
    assert!(counted("answered") && counted("timed_out"), "{calls:?}");
    let cost = lines(&metrics, "raptorflow_model_cost_usd_total");
    assert!(cost[0].ends_with(" 0.000139"), "{cost:?}");
    let tokens = lines(&metrics, "gen_ai_client_token_usage_sum");
    let sums: Vec<_> = tokens.iter().map(|line| line.rsplit(' ').next().unwrap()).collect();
    assert_eq!(sums, ["2000", "300"], "of both calls: {tokens:?}");
    let failed = lines(&metrics, "gen_ai_client_operation_duration_count");
    assert!(failed.iter().any(|line| line.contains(r#"error_type="timed_out""#)), "{failed:?}");
}

fn call(end: CallEnd, cost: i64) -> ModelCall {
    let head = CallHead {
        id: uuid::Uuid::nil().into(),
        actor: Actor::System,
        correlation_id: CorrelationId::parse("corr-1234").unwrap(),
        run: None,
        operation: Operation::Generate,
        alias: None,
        provider: Provider::OpenAi,
        model: "gpt-6-luna".to_owned(),
        price: "gpt-6-luna".to_owned(),
        at: Timestamp::from_micros(0),
    };
    ModelCall {
        head,
        end,
        served_by: None,
        attempts: 1,
        usage: Usage { fresh: 600, cache_read: 400, output: 150, ..Usage::NONE },
        tier: ServiceTier::Standard,
        cost: PicoUsd::new(cost),
        saved: PicoUsd::ZERO,
        is_estimated: false,
        latency: Duration::from_millis(300),
        first_token: None,
    }
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
        let is_ours =
            ["raptorflow_", "process_", "gen_ai_client_"].iter().any(|start| name.starts_with(start));
        assert!(is_ours, "{name}");
        assert!(!metric.help.is_empty() && !metric.help.ends_with('.'), "{name}");
    }
}

#[test]
fn large_counts_stay_what_they_are() {
    let bytes = 5_000_000_001_usize;
    assert!((look::as_f64(bytes) - 5_000_000_001.0).abs() < f64::EPSILON);
    assert!((look::as_f64(7) - 7.0).abs() < f64::EPSILON);
}
