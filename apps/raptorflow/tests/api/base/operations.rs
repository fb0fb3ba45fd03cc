//! Health, version, the document of the API, and the mistakes that its making sees.

use super::probe::{area, expect_problem, fields, probe, probe_with};
use actix_web::{HttpResponse, get};
use raptorflow::http::openapi::{ACCESS, document, routes_markdown};
use raptorflow::http::ops::CheckState;
use raptorflow::http::routes::Routes;
use reqwest::Method;
use serde_json::{Value, json};

#[actix_web::test]
async fn health_tells_each_part_and_ready_needs_the_vital_ones() {
    let fit = probe().await;
    for path in ["/health", "/health/ready"] {
        let body: Value = fit.anonymous(Method::GET, path).send().await.unwrap().json().await.unwrap();
        assert_eq!(body["status"], "ok");
        assert_eq!(
            body["checks"]["redis"],
            json!({"state": "not_configured", "detail": "limits are in process"})
        );
    }
    let degraded = probe_with(CheckState::Degraded).await;
    let body: Value =
        degraded.anonymous(Method::GET, "/health/ready").send().await.unwrap().json().await.unwrap();
    assert_eq!(body["status"], "degraded");
    let down = probe_with(CheckState::Down).await;
    let problem = down.anonymous(Method::GET, "/health/ready").send().await.unwrap();
    let problem = expect_problem(problem, 503, "not_ready").await;
    assert_eq!(fields(&problem), [("database".to_owned(), "down".to_owned())]);
    assert_eq!(problem["health"]["status"], "down");
    let alive: Value =
        down.anonymous(Method::GET, "/health/live").send().await.unwrap().json().await.unwrap();
    assert_eq!(alive, json!({"status": "ok"}));
}

#[actix_web::test]
async fn the_version_is_told() {
    let probe = probe().await;
    let body: Value = probe.anonymous(Method::GET, "/version").send().await.unwrap().json().await.unwrap();
    assert_eq!(body["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(body["schema_versions"]["database"], "00000000000007");
}

#[actix_web::test]
async fn the_reference_is_whole_without_the_internet() {
    let probe = probe().await;
    let page = probe.anonymous(Method::GET, "/docs").send().await.unwrap();
    assert!(page.headers()["content-type"].to_str().unwrap().starts_with("text/html"));
    assert!(page.headers()["content-security-policy"].to_str().unwrap().starts_with("default-src 'self'"));
    let page = page.text().await.unwrap();
    let links = page.split(['"']).filter(|part| part.starts_with("/docs/") || part.contains("://"));
    let links: Vec<_> = links.collect();
    assert!(links.len() >= 4, "{page}");
    for link in links {
        let file = probe.anonymous(Method::GET, link).send().await.unwrap();
        assert_eq!(file.status(), 200, "{link}");
    }
    let script = probe.anonymous(Method::GET, "/docs/swagger-initializer.js").send().await.unwrap();
    assert!(script.text().await.unwrap().contains("/openapi.json"));
    expect_problem(probe.anonymous(Method::GET, "/docs/nothing.js").send().await.unwrap(), 404, "not_found")
        .await;
}

#[actix_web::test]
async fn the_document_says_what_follows_from_who_may_call() {
    let probe = probe().await;
    let document: Value =
        probe.anonymous(Method::GET, "/openapi.json").send().await.unwrap().json().await.unwrap();
    assert_eq!(document["openapi"], "3.1.0");
    let read = &document["paths"]["/api/v1/probe/campaigns/{campaign_id}"]["get"];
    assert_eq!(read["security"], json!([{"bearer": []}]));
    let parameters = read["parameters"].to_string();
    assert!(parameters.contains("\"campaign_id\"") && parameters.contains("X-Workspace-Id"), "{parameters}");
    let problem = &read["responses"]["default"]["content"]["application/problem+json"]["schema"]["$ref"];
    assert_eq!(problem, "#/components/schemas/Problem");
    assert!(document["components"]["schemas"]["NewCampaign"]["additionalProperties"] == json!(false));
    assert!(document["paths"]["/health/live"]["get"]["security"].is_null());
    let missing: Vec<_> = references(&document)
        .into_iter()
        .filter(|name| document["components"]["schemas"][name].is_null())
        .collect();
    assert!(missing.is_empty(), "the document refers to {missing:?}");
}

fn references(value: &Value) -> Vec<String> {
    match value {
        Value::Object(members) => {
            let own = members
                .get("$ref")
                .and_then(Value::as_str)
                .and_then(|r| r.strip_prefix("#/components/schemas/"));
            own.map(ToOwned::to_owned).into_iter().chain(members.values().flat_map(references)).collect()
        }
        Value::Array(items) => items.iter().flat_map(references).collect(),
        _ => vec![],
    }
}

#[test]
fn the_table_of_routes_names_each_operation() {
    let table = routes_markdown(&document(area).unwrap());
    assert!(
        table.contains("| GET | `/health/ready` | health_ready | public |  | schema migrations |  |  |"),
        "{table}"
    );
    assert!(ACCESS.contains(&"platform_admin"));
}

#[utoipa::path(responses((status = 200)), extensions(("x-access" = json!("public"))))]
#[get("/health")]
async fn another_health() -> HttpResponse {
    HttpResponse::Ok().finish()
}

#[utoipa::path(responses((status = 200)))]
#[get("/open")]
async fn without_access() -> HttpResponse {
    HttpResponse::Ok().finish()
}

fn mistaken(routes: &mut Routes<'_, '_>) {
    raptorflow::http::areas(routes);
    routes.add(another_health).add(without_access);
}

#[test]
fn a_route_with_two_handlers_or_without_access_is_a_mistake() {
    let mistakes = document(mistaken).err().unwrap().to_string();
    assert!(mistakes.contains("GET /health has two handlers"), "{mistakes}");
    assert!(mistakes.contains("/open: an operation has no x-access"), "{mistakes}");
}
