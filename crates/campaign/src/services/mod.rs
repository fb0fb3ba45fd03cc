//! The use cases.

mod campaigns;
mod daily_wins;
mod mornings;
mod moves;
mod planning;

pub use campaigns::{CampaignDecision, CampaignService};
pub use daily_wins::{DailyWinService, WinsOfDay};
pub use mornings::{CHOOSE_DAILY_WINS, ChooseDailyWins, MorningConsumer, PLAN_MORNINGS};
pub use moves::MoveService;
pub use planning::{ACTIVATE, Applied, PlanningService};
