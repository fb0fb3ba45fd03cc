//! Traces and metrics at a collector, which this test plays.

use super::server::{Database, Server, redis};
use actix_web::web::{Bytes, Data, to};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use kernel::Clock;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::trace::v1::{Span, span::SpanKind};
use prost::Message;
use reqwest::RequestBuilder;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::net::TcpListener;
use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00f067aa0ba902b7";

/// What came in.
#[derive(Default)]
struct Got {
    spans: Vec<Span>,
    services: BTreeSet<String>,
    /// What told of the span of this id.
    tellers: BTreeMap<Vec<u8>, String>,
    metrics: BTreeSet<String>,
}

async fn take(request: HttpRequest, body: Bytes, got: Data<Mutex<Got>>) -> HttpResponse {
    let mut got = got.lock().unwrap();
    match request.match_info().as_str() {
        "/v1/traces" => {
            for resource in ExportTraceServiceRequest::decode(body).unwrap().resource_spans {
                let teller = format!("{:?}", resource.resource);
                let spans = resource.scope_spans.into_iter().flat_map(|scope| scope.spans);
                for span in spans {
                    got.tellers.insert(span.span_id.clone(), teller.clone());
                    got.spans.push(span);
                }
                got.services.insert(teller);
            }
        }
        "/v1/metrics" => {
            let resources = ExportMetricsServiceRequest::decode(body).unwrap().resource_metrics;
            let scopes = resources.into_iter().flat_map(|resource| resource.scope_metrics);
            got.metrics.extend(scopes.flat_map(|scope| scope.metrics).map(|metric| metric.name));
        }
        other => panic!("{other} is no place of a collector"),
    }
    HttpResponse::Ok().finish()
}

/// A collector's base URL, and what it gets.
fn collector() -> (String, Data<Mutex<Got>>) {
    let got: Data<Mutex<Got>> = Data::default();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let shared = got.clone();
    let server = HttpServer::new(move || App::new().app_data(shared.clone()).default_service(to(take)));
    tokio::spawn(server.workers(1).disable_signals().listen(listener).unwrap().run());
    (base, got)
}

pub(crate) fn http() -> reqwest::Client {
    let patience = web::Patience { connect: Duration::from_secs(5), total: Duration::from_secs(30) };
    web::client(patience).unwrap()
}

/// The token of somebody who has just signed up.
pub(crate) async fn joined(server: &Server, folder: &Path) -> String {
    let (email, password) = ("ada@example.com", "correct horse battery");
    server.client(folder).join(email, password).await.unwrap();
    let login = http().post(format!("{}/api/v1/auth/login", server.base));
    let login = login.json(&json!({"email": email, "password": password})).send().await.unwrap();
    login.json::<Value>().await.unwrap()["access_token"].as_str().unwrap().to_owned()
}

/// A request of theirs that makes a workspace, whose council a job then seats.
pub(crate) fn making_a_workspace(server: &Server, token: &str) -> RequestBuilder {
    let made = http().post(format!("{}/api/v1/workspaces", server.base)).bearer_auth(token);
    made.json(&json!({"name": "Acme"}))
}

/// A question of theirs to a model.
pub(crate) fn asking_a_model(server: &Server, token: &str, streams: bool) -> RequestBuilder {
    let asked = http().post(format!("{}/api/v1/ai/generate", server.base)).bearer_auth(token);
    let question =
        json!({"model": "fast", "prompt": "Why so blue?", "system": "Be brief.", "stream": streams});
    asked.json(&question)
}

fn hex(id: &[u8]) -> String {
    id.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Waits until what came in is enough.
async fn until<T>(got: &Data<Mutex<Got>>, enough: impl Fn(&Got) -> Option<T>) -> T {
    let look = async {
        let mut look = tokio::time::interval(Duration::from_millis(20));
        loop {
            look.tick().await;
            if let Some(found) = enough(&got.lock().unwrap()) {
                return found;
            }
        }
    };
    let found = tokio::time::timeout(Duration::from_secs(30), look).await;
    found.unwrap_or_else(|_| {
        let got = got.lock().unwrap();
        let seen = |span: &Span| (span.name.clone(), hex(&span.trace_id), span.kind);
        panic!("that never came, but {:?} {:?}", got.spans.iter().map(seen).collect::<Vec<_>>(), got.metrics)
    })
}

fn of_the_trace(got: &Got) -> Vec<Span> {
    got.spans.iter().filter(|span| hex(&span.trace_id) == TRACE).cloned().collect()
}

#[tokio::test]
async fn a_request_its_event_and_its_job_are_one_trace() {
    let folder = tempfile::tempdir().unwrap();
    let (base, got) = collector();
    let settings = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", base.as_str()),
        ("OTEL_BSP_SCHEDULE_DELAY", "50"),
        ("OTEL_METRIC_EXPORT_INTERVAL", "200"),
    ];
    let server = Server::embedded_with(folder.path(), &settings).await;
    becomes_one_trace(&server, folder.path(), &got).await;
    until(&got, |got| got.metrics.contains("raptorflow_http_requests").then_some(())).await;
    let services = got.lock().unwrap().services.clone();
    assert!(services.iter().all(|service| service.contains("\"raptorflow\"")), "{services:?}");
}

#[tokio::test]
async fn a_request_at_a_server_and_its_job_at_a_worker_are_one_trace() {
    let folder = tempfile::tempdir().unwrap();
    let (base, got) = collector();
    let redis = redis(12);
    let settings = |process| {
        [
            ("OTEL_EXPORTER_OTLP_ENDPOINT", base.as_str()),
            ("OTEL_BSP_SCHEDULE_DELAY", "50"),
            ("OTEL_RESOURCE_ATTRIBUTES", process),
            ("REDIS_URL", redis.as_str()),
        ]
    };
    let database = Database::fresh(folder.path()).await;
    let server = database.server_with(&settings("process=a-server")).await;
    let _worker = database.worker_with(&settings("process=a-worker"));
    let [request, job] = becomes_one_trace(&server, folder.path(), &got).await;
    let tellers = &got.lock().unwrap().tellers;
    for (span, teller) in [(request, "\"a-server\""), (job, "\"a-worker\"")] {
        assert!(tellers[&span.span_id].contains(teller), "{} is {}'s", span.name, tellers[&span.span_id]);
    }
}

/// The span of a request of somebody who traces it, and that of the job which comes of it.
async fn becomes_one_trace(server: &Server, folder: &Path, got: &Data<Mutex<Got>>) -> [Span; 2] {
    let request = making_a_workspace(server, &joined(server, folder).await);
    let made = request.header("traceparent", format!("00-{TRACE}-{PARENT}-01")).send().await.unwrap();
    assert_eq!(made.status(), 201);
    let spans = until(got, |got| {
        let spans = of_the_trace(got);
        let has = |kind: SpanKind| spans.iter().any(|span| span.kind == kind as i32);
        (has(SpanKind::Server) && has(SpanKind::Consumer)).then_some(spans)
    })
    .await;
    let server_span = spans.iter().find(|span| span.kind == SpanKind::Server as i32).unwrap();
    assert_eq!(server_span.name, "POST /api/v1/workspaces");
    assert_eq!(hex(&server_span.parent_span_id), PARENT);
    let job = spans.iter().find(|span| span.kind == SpanKind::Consumer as i32).unwrap();
    assert_eq!(job.parent_span_id, server_span.span_id, "{} hangs on another span", job.name);
    // Units of work and reads hang on the request, by names that say nothing of it.
    let of_the_database: BTreeSet<_> = spans
        .iter()
        .filter(|span| span.kind == SpanKind::Client as i32)
        .map(|span| span.name.as_str())
        .collect();
    assert!(of_the_database.contains("db.unit"), "{of_the_database:?}");
    assert!(of_the_database.iter().all(|name| ["db.unit", "db.read"].contains(name)), "{of_the_database:?}");
    [server_span.clone(), job.clone()]
}

/// The span of a call that a fake answers, and what it says.
async fn asked_of_a_model(shows: &str) -> (Span, BTreeMap<String, String>) {
    let folder = tempfile::tempdir().unwrap();
    let (fake, (base, got)) = (fakes::Fake::start().await, collector());
    let openai = format!("{}/v1", fake.url());
    let settings = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", base.as_str()),
        ("OTEL_BSP_SCHEDULE_DELAY", "50"),
        ("OTEL_METRIC_EXPORT_INTERVAL", "200"),
        ("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", shows),
        ("OPENAI_API_KEY", "key"),
        ("OPENAI_BASE_URL", &openai),
    ];
    let server = Server::embedded_with(folder.path(), &settings).await;
    let token = joined(&server, folder.path()).await;
    making_a_workspace(&server, &token).send().await.unwrap().error_for_status().unwrap();
    let asked = asking_a_model(&server, &token, false);
    assert_eq!(asked.send().await.unwrap().status(), 200);
    let name = "chat gpt-6-luna";
    let span = until(&got, |got| got.spans.iter().find(|span| span.name == name).cloned()).await;
    until(&got, |got| got.metrics.contains("gen_ai.client.token.usage").then_some(())).await;
    let says = span.attributes.iter().map(|said| (said.key.clone(), format!("{:?}", said.value)));
    let says = says.collect();
    (span, says)
}

#[tokio::test]
async fn a_call_of_a_model_is_a_span_that_says_what_it_took_and_nothing_of_what_was_said() {
    let (span, says) = asked_of_a_model("false").await;
    assert_eq!(span.kind, SpanKind::Client as i32);
    assert!(!span.parent_span_id.is_empty(), "it hangs on the request");
    for (name, value) in [
        ("gen_ai.operation.name", "\"chat\""),
        ("gen_ai.provider.name", "\"openai\""),
        ("gen_ai.usage.input_tokens", "1000"),
        ("gen_ai.usage.output_tokens", "150"),
        ("gen_ai.response.finish_reasons", "\"stop\""),
        ("raptorflow.cost_usd", "\"0.000139\""),
    ] {
        assert!(says.get(name).is_some_and(|said| said.contains(value)), "{name}: {says:?}");
    }
    let all = format!("{says:?}");
    assert!(!all.contains("blue") && !all.contains("The answer."), "{all}");
}

#[tokio::test]
async fn what_was_said_is_told_on_demand() {
    let (_, says) = asked_of_a_model("true").await;
    for (name, words) in [
        ("gen_ai.input.messages", "Why so blue?"),
        ("gen_ai.system_instructions", "Be brief."),
        ("gen_ai.output.messages", "The answer."),
    ] {
        assert!(says.get(name).is_some_and(|said| said.contains(words)), "{name}: {says:?}");
    }
}

#[tokio::test]
async fn a_broken_trace_begins_a_new_one_and_the_last_spans_are_handed_over_at_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let (base, got) = collector();
    // Nothing goes out by itself while the test runs.
    let settings = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", base.as_str()),
        ("OTEL_BSP_SCHEDULE_DELAY", "600000"),
        ("OTEL_METRIC_EXPORT_INTERVAL", "600000"),
    ];
    let mut server = Server::embedded_with(folder.path(), &settings).await;
    let broken =
        http().get(format!("{}/version", server.base)).header("traceparent", format!("00-{TRACE}-x"));
    assert_eq!(broken.send().await.unwrap().status(), 200);
    server.terminate().await;
    let got = got.lock().unwrap();
    let version = got.spans.iter().find(|span| span.name == "GET /version").expect("its span");
    assert!(version.parent_span_id.is_empty() && hex(&version.trace_id) != TRACE, "{version:?}");
    assert!(got.metrics.contains("raptorflow_http_requests"), "{:?}", got.metrics);
}

#[tokio::test]
async fn a_collector_that_never_answers_slows_nothing() {
    let folder = tempfile::tempdir().unwrap();
    // Connections are taken by the system and nobody reads them.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", silent.local_addr().unwrap());
    let settings = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", base.as_str()),
        ("OTEL_BSP_SCHEDULE_DELAY", "10"),
        ("OTEL_METRIC_EXPORT_INTERVAL", "10"),
    ];
    let mut server = Server::embedded_with(folder.path(), &settings).await;
    let (http, version) = (http(), format!("{}/version", server.base));
    let clock = kernel::SystemClock;
    let begun = clock.now();
    for _ in 0..500 {
        assert_eq!(http.get(&version).send().await.unwrap().status(), 200);
    }
    let took = clock.now().since(begun);
    assert!(took < Duration::from_secs(15), "{took:?} for 500 requests");
    let ended = clock.now();
    server.terminate().await;
    let took = clock.now().since(ended);
    assert!(took < Duration::from_secs(25), "the end took {took:?}");
}
