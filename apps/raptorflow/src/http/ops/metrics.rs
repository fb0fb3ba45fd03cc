//! `/metrics`.

use super::HealthChecks;
use crate::http::operator::Operator;
use crate::http::problem::Problem;
use crate::metrics::Metrics;
use actix_web::{HttpResponse, get, web};
use prometheus::TEXT_FORMAT;

/// What does the process count?
///
/// The text format of Prometheus, version 0.0.4; `docs/operations.md` lists the metrics. Open in development; in production
/// it needs `Authorization: Bearer` with the `OPERATOR_TOKEN`, and is closed when none is set.
#[utoipa::path(tag = "ops", operation_id = "metrics",
    responses((status = 200, content_type = "text/plain", body = String)),
    extensions(("x-access" = json!("operator")), ("x-reads" = json!(["jobs", "events", "workers"]))))]
#[get("/metrics")]
pub(super) async fn metrics(
    _: Operator,
    health: web::Data<dyn HealthChecks>,
    metrics: web::Data<Metrics>,
) -> Result<HttpResponse, Problem> {
    health.measure().await;
    let text = metrics.text().map_err(|error| Problem::internal(error.to_string()))?;
    Ok(HttpResponse::Ok().content_type(TEXT_FORMAT).body(text))
}
