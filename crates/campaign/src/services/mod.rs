//! The use cases.

mod campaigns;
mod daily_wins;
mod moves;
mod planning;

pub use campaigns::{CampaignDecision, CampaignService};
pub use daily_wins::{DailyWinService, WinsOfDay};
pub use moves::MoveService;
pub use planning::{ACTIVATE, Applied, PlanningService};
