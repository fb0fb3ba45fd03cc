use crate::http::reply::{Answer, Reply};
use crate::http::tenant::Tenant;
use crate::wiring::Services;
use actix_web::{get, web};
use serde::Serialize;
use utoipa::ToSchema;

/// How long it has gone well.
#[derive(Debug, Serialize, ToSchema)]
struct StreakBody {
    /// Days in a row with a win done, up to today in the workspace's time zone. A day that has none done yet does not
    /// break it while it lasts.
    streak: u32,
}

/// How many days in a row had a win
#[utoipa::path(tag = "daily_wins", operation_id = "read_streak", responses((status = 200, body = StreakBody)),
    extensions(("x-access" = json!("member")), ("x-reads" = json!(["daily_wins", "workspaces"]))))]
#[get("/api/v1/daily-wins/streak")]
pub(super) async fn read_streak(services: web::Data<Services>, tenant: Tenant) -> Answer<StreakBody> {
    Ok(Reply::ok(StreakBody { streak: services.daily_wins.streak(&tenant.scope).await? }))
}
