//! Daily wins: the few small actions most worth doing today.

mod decide;
mod of_day;
mod streak;

use super::routes::Routes;
use super::schema::names;
use campaign::{DailyWin, WinKind, WinStatus};
use kernel::{DailyWinId, MoveId};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::schema::Object;

/// Adds the routes.
pub fn configure(routes: &mut Routes<'_, '_>) {
    routes
        .add(of_day::list_daily_wins)
        .add(streak::read_streak)
        .add(decide::complete_daily_win)
        .add(decide::dismiss_daily_win);
}

/// A small action for one day.
#[derive(Debug, Serialize, ToSchema)]
struct DailyWinBody {
    #[schema(value_type = Uuid)]
    id: DailyWinId,
    /// What to do.
    text: String,
    /// Why it was chosen.
    #[schema(schema_with = kinds)]
    kind: WinKind,
    /// The move that it serves.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Uuid>)]
    move_id: Option<MoveId>,
    #[schema(schema_with = statuses)]
    status: WinStatus,
}

fn kinds() -> Object {
    names(WinKind::ALL.map(WinKind::name))
}

fn statuses() -> Object {
    names(WinStatus::ALL.map(WinStatus::name))
}

impl From<DailyWin> for DailyWinBody {
    fn from(win: DailyWin) -> Self {
        Self { id: win.id, text: win.text, kind: win.kind, move_id: win.move_id, status: win.status }
    }
}
