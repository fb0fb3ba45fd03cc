use super::DailyWinBody;
use crate::http::body::{Nothing, Sent};
use crate::http::path::PathId;
use crate::http::reply::{Answer, Reply};
use crate::http::tenant::Tenant;
use crate::wiring::Services;
use actix_web::{post, web};
use campaign::WinInput;
use kernel::DailyWinId;

/// Note that a win is done
///
/// From `open`.
#[utoipa::path(tag = "daily_wins", operation_id = "complete_daily_win", request_body = Nothing,
    responses((status = 200, body = DailyWinBody)),
    extensions(("x-access" = json!("member")), ("x-writes" = json!(["daily_wins", "events"]))))]
#[post("/api/v1/daily-wins/{win_id}/complete")]
pub(super) async fn complete_daily_win(
    services: web::Data<Services>,
    win: PathId<DailyWinId>,
    sent: Sent<Tenant, Nothing>,
) -> Answer<DailyWinBody> {
    let Tenant { ctx, scope } = sent.caller;
    Ok(Reply::ok(services.daily_wins.decide(&ctx, &scope, win.0, WinInput::Complete).await?.into()))
}

/// Decide that a win is not for today
///
/// From `open`.
#[utoipa::path(tag = "daily_wins", operation_id = "dismiss_daily_win", request_body = Nothing,
    responses((status = 200, body = DailyWinBody)),
    extensions(("x-access" = json!("member")), ("x-writes" = json!(["daily_wins", "events"]))))]
#[post("/api/v1/daily-wins/{win_id}/dismiss")]
pub(super) async fn dismiss_daily_win(
    services: web::Data<Services>,
    win: PathId<DailyWinId>,
    sent: Sent<Tenant, Nothing>,
) -> Answer<DailyWinBody> {
    let Tenant { ctx, scope } = sent.caller;
    Ok(Reply::ok(services.daily_wins.decide(&ctx, &scope, win.0, WinInput::Dismiss).await?.into()))
}
