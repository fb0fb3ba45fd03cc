//! `GET` and `PUT /api/v1/workspaces/{workspace_id}/budget`.

use super::{
    body::Sent,
    precondition::{IfMatch, IfMatchHeader},
    reply::{Answer, Reply},
    routes::Routes,
    tenant::Tenant,
};
use crate::wiring::Services;
use actix_web::{get, put, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use workspace::BudgetView;

/// Adds the routes.
pub fn configure(routes: &mut Routes<'_, '_>) {
    routes.add(get_budget).add(set_budget);
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewBudget {
    /// A decimal such as `"25.00"`; `null` for no limit of the owner's.
    #[schema(value_type = Option<String>, required)]
    limit_usd: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Budget)]
struct BudgetBody {
    /// What the owner set, a decimal of dollars; `null` for nothing.
    #[schema(value_type = Option<String>, required)]
    limit_usd: Option<String>,
    /// What holds for every workspace of this installation; `null` for nothing.
    #[schema(value_type = Option<String>, required)]
    default_usd: Option<String>,
    /// The limit that holds, the smallest of those given; `null` for no limit.
    #[schema(value_type = Option<String>, required)]
    effective_usd: Option<String>,
    /// When the next month begins, in UTC.
    #[schema(format = DateTime)]
    resets_at: String,
    /// For `If-Match`; 0 before the owner has said anything.
    version: i32,
}

impl BudgetBody {
    fn reply(view: BudgetView) -> Answer<Self> {
        let version = view.budget.version;
        let body = Self {
            limit_usd: view.budget.limit.map(|usd| usd.to_string()),
            default_usd: view.default.map(|usd| usd.to_string()),
            effective_usd: view.effective.map(|usd| usd.to_string()),
            resets_at: view.resets_at.to_string(),
            version,
        };
        Ok(Reply::ok(body).version(version))
    }
}

/// What the workspace may spend on AI in a month.
///
/// The limits alone; `GET /api/v1/ai/usage` tells what was spent.
#[utoipa::path(tag = "budget", operation_id = "get_budget", responses((status = 200, body = BudgetBody)),
    extensions(("x-access" = json!("member")), ("x-reads" = json!(["budgets"]))))]
#[get("/api/v1/workspaces/{workspace_id}/budget")]
async fn get_budget(services: web::Data<Services>, tenant: Tenant) -> Answer<BudgetBody> {
    BudgetBody::reply(services.budgets.get(&tenant.scope).await?)
}

/// Set the owner's limit, or take it away.
#[utoipa::path(tag = "budget", operation_id = "set_budget", params(IfMatchHeader), request_body = NewBudget,
    responses((status = 200, body = BudgetBody)),
    extensions(("x-access" = json!("owner")), ("x-reads" = json!(["budgets"])),
        ("x-writes" = json!(["budgets", "events"]))))]
#[put("/api/v1/workspaces/{workspace_id}/budget")]
async fn set_budget(
    services: web::Data<Services>,
    expected: IfMatch,
    sent: Sent<Tenant, NewBudget>,
) -> Answer<BudgetBody> {
    let Sent { caller: Tenant { ctx, scope }, body } = sent;
    BudgetBody::reply(services.budgets.set(&ctx, &scope, body.limit_usd.as_deref(), expected.0).await?)
}
