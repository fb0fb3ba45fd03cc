//! The facts this crate tells.

use crate::{Campaign, DailyWin, Move};
use kernel::{CallContext, Environment, NewEvent};
use serde_json::json;

/// A campaign was made.
pub const CAMPAIGN_CREATED: &str = "campaign.created";
/// A plan became the campaign's moves.
pub const CAMPAIGN_PLANNED: &str = "campaign.planned";
/// A campaign's first day came, or its first move was started.
pub const CAMPAIGN_ACTIVATED: &str = "campaign.activated";
/// A campaign was put aside.
pub const CAMPAIGN_PAUSED: &str = "campaign.paused";
/// A campaign goes on.
pub const CAMPAIGN_RESUMED: &str = "campaign.resumed";
/// A campaign is done.
pub const CAMPAIGN_COMPLETED: &str = "campaign.completed";
/// A campaign was given up.
pub const CAMPAIGN_CANCELLED: &str = "campaign.cancelled";
/// A campaign was put out of sight.
pub const CAMPAIGN_ARCHIVED: &str = "campaign.archived";
/// Somebody began with a move.
pub const MOVE_STARTED: &str = "move.started";
/// A move was done.
pub const MOVE_COMPLETED: &str = "move.completed";
/// A move will not happen.
pub const MOVE_SKIPPED: &str = "move.skipped";
/// A day's wins were chosen.
pub const DAILY_WINS_CHOSEN: &str = "daily_wins.chosen";
/// A win was done.
pub const DAILY_WIN_COMPLETED: &str = "daily_win.completed";
/// A win was dismissed.
pub const DAILY_WIN_DISMISSED: &str = "daily_win.dismissed";

pub(crate) fn of_campaign(
    env: &Environment,
    ctx: &CallContext,
    event_type: &'static str,
    campaign: &Campaign,
    payload: serde_json::Value,
) -> NewEvent {
    NewEvent::new(env, ctx, event_type, ("campaign", campaign.id.uuid()), payload)
}

pub(crate) fn of_move(env: &Environment, ctx: &CallContext, event_type: &'static str, m: &Move) -> NewEvent {
    let payload = json!({
        "campaign_id": m.campaign_id, "title": m.title, "channel": m.channel, "status": m.status, "result": m.result,
    });
    NewEvent::new(env, ctx, event_type, ("move", m.id.uuid()), payload)
}

pub(crate) fn of_win(
    env: &Environment,
    ctx: &CallContext,
    event_type: &'static str,
    win: &DailyWin,
) -> NewEvent {
    let payload = json!({ "date": win.date, "kind": win.kind, "move_id": win.move_id });
    NewEvent::new(env, ctx, event_type, ("daily_win", win.id.uuid()), payload)
}

pub(crate) fn of_chosen(env: &Environment, ctx: &CallContext, wins: &[DailyWin]) -> Option<NewEvent> {
    let first = wins.first()?;
    let payload = json!({ "date": first.date, "count": wins.len() });
    Some(NewEvent::new(env, ctx, DAILY_WINS_CHOSEN, ("workspace", first.workspace_id.uuid()), payload))
}
