//! `/health/detailed`.

use super::health::{CheckState, status_of};
use super::{Check, HealthChecks};
use crate::http::operator::Operator;
use crate::http::reply::Reply;
use actix_web::{get, web};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// What was found out about a part of the service, and how long that took.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TimedCheck {
    /// What was found out.
    #[serde(flatten)]
    pub check: Check,
    /// How long the answer took, in milliseconds; `null` where nobody was asked.
    pub latency_ms: Option<f64>,
}

/// A pool of database connections.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PoolBody {
    /// `app` and `system` on PostgreSQL, `readers` and `writer` on SQLite.
    pub name: String,
    /// How many connections it may open.
    pub max: usize,
    /// How many are open.
    pub size: usize,
    /// How many of those are lent.
    pub in_use: usize,
    /// How many of those nobody uses.
    pub idle: usize,
    /// How many callers wait for one.
    pub waiting: usize,
}

/// The database's schema.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct SchemaBody {
    /// The newest version that this build knows.
    pub newest: String,
    /// The versions that the database lacks; `null` when it can't be asked.
    pub missing: Option<Vec<String>>,
}

/// A worker that said lately that it is there.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct WorkerBody {
    /// Unlike every other's.
    pub name: String,
    /// Since when it works.
    #[schema(value_type = String, format = DateTime)]
    pub started_at: kernel::Timestamp,
    /// When it said so last.
    #[schema(value_type = String, format = DateTime)]
    pub seen_at: kernel::Timestamp,
    /// How many jobs it runs.
    pub running: i32,
}

/// The queue.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct QueueBody {
    /// Jobs that wait, due or not; `null` when the queue can't be asked.
    pub queued: Option<i64>,
    /// Jobs at work.
    pub running: Option<i64>,
    /// Dead letters.
    pub dead_letters: Option<i64>,
    /// How long the longest waiting job that is due has waited.
    pub lag_seconds: Option<f64>,
}

/// The facts that no relay has handed on.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct OutboxBody {
    /// The age of the oldest; 0 when none waits, `null` when the outbox can't be asked.
    pub lag_seconds: Option<f64>,
}

/// A service that is called over a breaker, as this process sees it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BreakerBody {
    /// The service, such as `resend`.
    pub name: String,
    /// `closed` when it is called, `open` when it is left alone, `half_open` when one call, the next or one on its way, finds out.
    pub state: &'static str,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    pub since: kernel::Timestamp,
    /// Failures since the last call that was answered.
    pub failures: u32,
    /// Until when nobody is called; `null` unless it is open.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub open_until: Option<kernel::Timestamp>,
}

/// What answers for the agents.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AiBody {
    /// The providers that are configured.
    pub providers: Vec<String>,
    /// What answers without one.
    pub fallback: &'static str,
}

impl Default for AiBody {
    fn default() -> Self {
        Self { providers: Vec::new(), fallback: "baseline" }
    }
}

/// The inside, as operators see it: no secret, no host and no account.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct Details {
    /// Each part.
    pub checks: BTreeMap<String, TimedCheck>,
    /// How long this process has been up.
    pub uptime_seconds: f64,
    /// Its connections to the database.
    pub pools: Vec<PoolBody>,
    /// The schema.
    pub schema: SchemaBody,
    /// Those that were seen within the last 30 s, in all processes; `null` when nobody can say.
    pub workers: Option<Vec<WorkerBody>>,
    /// The queue.
    pub queue: QueueBody,
    /// The outbox.
    pub outbox: OutboxBody,
    /// The services that it calls, by their names.
    pub breakers: Vec<BreakerBody>,
    /// AI.
    pub ai: AiBody,
    /// The areas that are switched off (`FEATURES`).
    pub features_off: Vec<String>,
}

/// [`Details`], and the state of the whole.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DetailedBody {
    /// `down` when a vital part is, `degraded` when any other is, else `ok`.
    status: CheckState,
    #[serde(flatten)]
    details: Details,
}

/// How does everything do, inside?
///
/// 200 whatever it tells; `/health` has a status for probes. Open in development; in production it needs
/// `Authorization: Bearer` with the `OPERATOR_TOKEN`, and is closed when none is set.
#[utoipa::path(tag = "ops", operation_id = "health_detailed", responses((status = 200, body = DetailedBody)),
    extensions(("x-access" = json!("operator")),
        ("x-reads" = json!(["schema migrations", "jobs", "events", "workers"]))))]
#[get("/health/detailed")]
pub(super) async fn detailed(_: Operator, health: web::Data<dyn HealthChecks>) -> Reply<DetailedBody> {
    let details = health.details().await;
    let status = status_of(details.checks.values().map(|timed| &timed.check));
    Reply::ok(DetailedBody { status, details })
}
