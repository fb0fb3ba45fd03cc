//! `/health`, `/health/ready`, `/health/live`.

use super::Details;
use crate::http::codes;
use crate::http::problem::{Problem, one_field};
use crate::http::reply::{Answer, Reply};
use actix_web::{get, web};
use async_trait::async_trait;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// How a part of the service does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CheckState {
    /// As it should.
    Ok,
    /// Something is missing, requests are answered all the same.
    Degraded,
    /// It does not work.
    Down,
    /// There is none, by configuration.
    NotConfigured,
}

/// What was found out about a part of the service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Check {
    /// How it does.
    pub state: CheckState,
    /// A sentence for operators; anybody may read it, so it names no hosts and no accounts.
    pub detail: String,
    /// Whether the service can work without it.
    #[serde(skip)]
    #[schema(ignore)]
    pub vital: bool,
}

/// Looks at what the service depends on.
#[async_trait]
pub trait HealthChecks: Send + Sync {
    /// Every check by its name: `database`, `migrations`, `worker`, `redis`, `ai`, `environment`. MUST answer within 5 s, and
    /// MUST tell a failure as [`CheckState::Down`] instead of failing.
    async fn checks(&self) -> BTreeMap<&'static str, Check>;

    /// What operators see. MUST answer within 5 s, and say of what can't be asked that it can't.
    async fn details(&self) -> Details;

    /// Puts into the metrics what only a look can tell. MUST end within 5 s.
    async fn measure(&self);

    /// Versions of the schemas in use, such as the newest migration of the database.
    async fn schema_versions(&self) -> BTreeMap<&'static str, String>;
}

/// The state of the whole.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct HealthBody {
    /// `down` when a vital part is, `degraded` when any other is, else `ok`.
    status: CheckState,
    /// Each part.
    checks: BTreeMap<String, Check>,
}

/// The process is alive.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct LiveBody {
    /// Always `ok`.
    status: &'static str,
}

/// Alive?
///
/// Touches no dependency.
#[utoipa::path(tag = "ops", operation_id = "health_live", responses((status = 200, body = LiveBody)),
    extensions(("x-access" = json!("public"))))]
#[get("/health/live")]
pub(super) async fn live() -> Reply<LiveBody> {
    Reply::ok(LiveBody { status: "ok" })
}

/// How does everything do?
///
/// 503 with the same document as `health` in the problem when a vital part is down.
#[utoipa::path(tag = "ops", operation_id = "health", responses((status = 200, body = HealthBody)),
    extensions(("x-access" = json!("public")), ("x-reads" = json!(["schema migrations"]))))]
#[get("/health")]
pub(super) async fn overall(health: web::Data<dyn HealthChecks>) -> Answer<HealthBody> {
    answer(health.checks().await)
}

/// Ready for requests?
///
/// 200 only when database and migrations are right; names what is degraded.
#[utoipa::path(tag = "ops", operation_id = "health_ready", responses((status = 200, body = HealthBody)),
    extensions(("x-access" = json!("public")), ("x-reads" = json!(["schema migrations"]))))]
#[get("/health/ready")]
pub(super) async fn ready(health: web::Data<dyn HealthChecks>) -> Answer<HealthBody> {
    answer(health.checks().await)
}

/// Whether the service can't work because of it.
fn is_fatal(check: &Check) -> bool {
    check.vital && check.state == CheckState::Down
}

/// The state of the whole.
pub(super) fn status_of<'c>(checks: impl Iterator<Item = &'c Check>) -> CheckState {
    checks.fold(CheckState::Ok, |whole, check| match check.state {
        _ if whole == CheckState::Down || is_fatal(check) => CheckState::Down,
        CheckState::Down | CheckState::Degraded => CheckState::Degraded,
        CheckState::Ok | CheckState::NotConfigured => whole,
    })
}

fn answer(checks: BTreeMap<&'static str, Check>) -> Answer<HealthBody> {
    let status = status_of(checks.values());
    let down = checks.iter().filter(|(_, check)| is_fatal(check));
    let errors = down.flat_map(|(name, check)| one_field(name, "down", check.detail.clone())).collect();
    let body =
        HealthBody { status, checks: checks.into_iter().map(|(name, c)| (name.to_owned(), c)).collect() };
    if status == CheckState::Down {
        let health = serde_json::to_value(&body).unwrap_or_default();
        return Err(Problem::fields(&codes::NOT_READY, errors).extension("health", health));
    }
    Ok(Reply::ok(body))
}
