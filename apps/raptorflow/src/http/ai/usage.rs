use crate::http::{
    body::{Nothing, Sent},
    problem::Problem,
    reply::{Answer, NoContent, Reply},
    tenant::Tenant,
};
use crate::wiring::Services;
use actix_web::{get, post, web};
use kernel::{Date, PicoUsd, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

/// What models cost the workspace in the month that runs, in UTC. Amounts are decimal numbers of US dollars.
#[derive(Serialize, ToSchema)]
#[schema(as = AiUsage)]
struct UsageBody {
    /// The month's first day.
    #[schema(value_type = String, format = Date)]
    month: Date,
    #[schema(value_type = String, example = "0.000125")]
    spent_usd: PicoUsd,
    /// Held back for calls that are under way.
    #[schema(value_type = String)]
    reserved_usd: PicoUsd,
    /// The limit that holds; `null` when there is none.
    #[schema(value_type = Option<String>, required)]
    limit_usd: Option<PicoUsd>,
    /// When it counts from nothing again.
    #[schema(value_type = String, format = DateTime)]
    resets_at: Timestamp,
}

/// Read what models have cost
#[utoipa::path(tag = "ai", operation_id = "ai_usage", responses((status = 200, body = UsageBody)),
    extensions(("x-access" = json!("member")), ("x-reads" = json!(["budget_months", "budgets"]))))]
#[get("/api/v1/ai/usage")]
pub(super) async fn ai_usage(services: web::Data<Services>, tenant: Tenant) -> Answer<UsageBody> {
    let view = services.ai.usage.month(&tenant.scope).await?;
    Ok(Reply::ok(UsageBody {
        month: view.month.first_day(),
        spent_usd: view.spending.spent,
        reserved_usd: view.spending.reserved,
        limit_usd: view.limit,
        resets_at: view.resets_at,
    }))
}

/// Forget the answers of models
///
/// Those of this workspace: the same questions are asked anew.
#[utoipa::path(tag = "ai", operation_id = "clear_ai_cache", responses((status = 204, description = "They are forgotten.")),
    extensions(("x-access" = json!("admin")), ("x-reads" = json!([]))))]
#[post("/api/v1/ai/clear-cache")]
pub(super) async fn clear_ai_cache(
    services: web::Data<Services>,
    sent: Sent<Tenant, Nothing>,
) -> Result<NoContent, Problem> {
    services.ai.dispatcher.clear_cache(&sent.caller.scope).await?;
    Ok(NoContent)
}
