//! `/version`.

use super::HealthChecks;
use crate::http::reply::Reply;
use actix_web::{get, web};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// What is running.
#[derive(Debug, Serialize, ToSchema)]
pub struct VersionBody {
    /// Of the product.
    version: &'static str,
    /// The commit it was built from; `null` when the build was not told (`RAPTORFLOW_COMMIT`).
    commit: Option<&'static str>,
    /// When it was built; `null` when the build was not told (`RAPTORFLOW_BUILT_AT`).
    built_at: Option<&'static str>,
    /// Versions of the schemas in use.
    schema_versions: BTreeMap<String, String>,
}

/// Which version is running?
#[utoipa::path(tag = "ops", operation_id = "version", responses((status = 200, body = VersionBody)),
    extensions(("x-access" = json!("public")), ("x-reads" = json!(["schema migrations"]))))]
#[get("/version")]
pub(super) async fn version(health: web::Data<dyn HealthChecks>) -> Reply<VersionBody> {
    let schemas = health.schema_versions().await;
    Reply::ok(VersionBody {
        version: env!("CARGO_PKG_VERSION"),
        commit: option_env!("RAPTORFLOW_COMMIT"),
        built_at: option_env!("RAPTORFLOW_BUILT_AT"),
        schema_versions: schemas.into_iter().map(|(name, version)| (name.to_owned(), version)).collect(),
    })
}
