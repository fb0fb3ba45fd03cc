use super::DailyWinBody;
use crate::http::query::Query;
use crate::http::reply::{Answer, Reply};
use crate::http::tenant::Tenant;
use crate::wiring::Services;
use actix_web::{get, web};
use campaign::services::WinsOfDay;
use kernel::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct OnDay {
    /// The day, not after today; today in the workspace's time zone when absent.
    #[param(value_type = Option<String>, format = Date)]
    date: Option<Date>,
}

/// The wins of one day.
#[derive(Debug, Serialize, ToSchema)]
struct DailyWinsBody {
    /// The day, in the workspace's time zone.
    #[schema(value_type = String, format = Date)]
    date: Date,
    /// The most urgent first.
    items: Vec<DailyWinBody>,
    /// Days in a row with a win done, up to today.
    streak: u32,
}

impl From<WinsOfDay> for DailyWinsBody {
    fn from(wins: WinsOfDay) -> Self {
        Self {
            date: wins.date,
            items: wins.items.into_iter().map(DailyWinBody::from).collect(),
            streak: wins.streak,
        }
    }
}

/// The wins of a day
///
/// Today's are chosen from the open moves when they are first looked at; five at most. A past day shows what it had.
#[utoipa::path(tag = "daily_wins", operation_id = "list_daily_wins", params(OnDay),
    responses((status = 200, body = DailyWinsBody)),
    extensions(("x-access" = json!("member")), ("x-reads" = json!(["daily_wins", "moves", "campaigns", "workspaces"])),
        ("x-writes" = json!(["daily_wins", "events"]))))]
#[get("/api/v1/daily-wins")]
pub(super) async fn list_daily_wins(
    services: web::Data<Services>,
    tenant: Tenant,
    on: Query<OnDay>,
) -> Answer<DailyWinsBody> {
    let Tenant { ctx, scope } = tenant;
    Ok(Reply::ok(services.daily_wins.of_day(&ctx, &scope, on.0.date).await?.into()))
}
