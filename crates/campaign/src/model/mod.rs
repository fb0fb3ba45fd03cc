//! The aggregates and their rules.

mod agenda;
mod campaign;
mod daily_win;
mod marketing_move;

pub use agenda::{WINS_A_DAY, choose_wins, streak};
pub use campaign::{Campaign, CampaignInput, CampaignStatus, NewCampaign};
pub use daily_win::{DailyWin, WinInput, WinKind, WinStatus};
pub use marketing_move::{Move, MoveInput, MoveResult, MoveStatus, Origin, PlannedMove, Task};
