use super::answer::UsageBody;
use crate::http::{
    codes,
    problem::{Problem, one_field},
    query::Query,
    reply::{Answer, Reply},
    tenant::Tenant,
};
use crate::wiring::Services;
use actix_web::{get, web};
use agents::{
    dispatch::{BudgetMonth, CallTally},
    services::AnalyticsView,
};
use kernel::{Date, PicoUsd};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use utoipa::ToSchema;

/// Which month.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct MonthFilter {
    /// A month in UTC, such as 2026-11; the one that runs without it.
    #[param(min_length = 7, max_length = 7, example = "2026-11")]
    month: Option<String>,
}

/// What the calls of models come to in a month. Each list adds up to the total, and the total's cost is what the workspace has
/// spent in the month.
#[derive(Serialize, ToSchema)]
#[schema(as = AiAnalytics)]
struct AnalyticsBody {
    /// The month's first day.
    #[schema(value_type = String, format = Date)]
    month: Date,
    total: TallyBody,
    models: Vec<ModelTally>,
    operations: Vec<OperationTally>,
    /// Days on which something was asked, the earliest first.
    days: Vec<DayTally>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = AiTally)]
struct TallyBody {
    calls: u64,
    /// Answered by a model.
    answered: u64,
    /// Answered by our own cache, at no cost.
    cached: u64,
    /// Answered by nobody.
    failed: u64,
    /// Given up by who asked.
    cancelled: u64,
    /// Cut off, as the process that asked died: what they come to is not known.
    lost: u64,
    /// How often a provider was asked.
    attempts: u64,
    /// Calls whose usage and cost are our own count.
    estimated: u64,
    usage: UsageBody,
    /// A decimal number of US dollars.
    #[schema(value_type = String, example = "0.000125")]
    cost_usd: PicoUsd,
    /// What the cache saved.
    #[schema(value_type = String)]
    saved_usd: PicoUsd,
    /// How long a call took on average, in milliseconds.
    mean_latency_ms: f64,
}

#[derive(Serialize, ToSchema)]
#[schema(as = AiModelTally)]
struct ModelTally {
    provider: &'static str,
    model: String,
    tally: TallyBody,
}

#[derive(Serialize, ToSchema)]
#[schema(as = AiOperationTally)]
struct OperationTally {
    /// `generate`, `stream`, or `embed`.
    operation: &'static str,
    tally: TallyBody,
}

#[derive(Serialize, ToSchema)]
#[schema(as = AiDayTally)]
struct DayTally {
    /// In UTC.
    #[schema(value_type = String, format = Date)]
    date: Date,
    tally: TallyBody,
}

impl From<CallTally> for TallyBody {
    fn from(tally: CallTally) -> Self {
        let sums = tally.sums;
        Self {
            calls: sums.calls,
            answered: tally.answered,
            cached: tally.cached,
            failed: tally.failed,
            cancelled: tally.cancelled,
            lost: tally.lost,
            attempts: sums.attempts,
            estimated: sums.estimated,
            usage: sums.usage.into(),
            cost_usd: sums.cost,
            saved_usd: sums.saved,
            mean_latency_ms: milliseconds(tally.mean_latency()),
        }
    }
}

/// To the microsecond, in few digits.
fn milliseconds(time: Duration) -> f64 {
    f64::from(u32::try_from(time.as_micros()).unwrap_or(u32::MAX)) / 1_000.0
}

impl From<AnalyticsView> for AnalyticsBody {
    fn from(view: AnalyticsView) -> Self {
        let models = view.models.into_iter().map(|((provider, model), tally)| ModelTally {
            provider: provider.name(),
            model,
            tally: tally.into(),
        });
        let operations = view.operations.into_iter();
        let days = view.days.into_iter();
        Self {
            month: view.month.first_day(),
            total: view.total.into(),
            models: models.collect(),
            operations: operations
                .map(|(operation, tally)| OperationTally { operation: operation.name(), tally: tally.into() })
                .collect(),
            days: days.map(|(date, tally)| DayTally { date, tally: tally.into() }).collect(),
        }
    }
}

impl MonthFilter {
    fn month(&self) -> Result<Option<BudgetMonth>, Problem> {
        let Some(text) = &self.month else { return Ok(None) };
        let first = format!("{text}-01").parse().ok().and_then(BudgetMonth::from_first_day);
        first.map(Some).ok_or_else(|| {
            let wrong = one_field("month", "invalid_format", "must be a month such as 2026-11");
            Problem::fields(&codes::INVALID_QUERY, wrong)
        })
    }
}

/// Read what calls of models come to
///
/// In a month: by model, by what was asked for, and by day. It is the ledger's own count.
#[utoipa::path(tag = "ai", operation_id = "ai_analytics", params(MonthFilter),
    responses((status = 200, body = AnalyticsBody)),
    extensions(("x-access" = json!("member")), ("x-reads" = json!(["model_calls"]))))]
#[get("/api/v1/ai/analytics")]
pub(super) async fn ai_analytics(
    services: web::Data<Services>,
    filter: Query<MonthFilter>,
    tenant: Tenant,
) -> Answer<AnalyticsBody> {
    let month = filter.0.month()?;
    Ok(Reply::ok(services.ai.usage.analytics(&tenant.scope, month).await?.into()))
}
