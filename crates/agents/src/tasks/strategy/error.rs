//! Why no plan can be made.

use jiff::civil::Date;
use kernel::{Code, Failure};

/// The codes of this task.
pub mod code {
    kernel::codes! {
        PERIOD_WITHOUT_WORKING_DAYS = "period_without_working_days", Invalid,
            "The campaign's period has no working day left to plan for.";
    }
}

/// The strategy task's only failure: everything else that is missing makes a plainer plan, not an error.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StrategyError {
    /// No day from Monday to Friday lies in the period and not before today; also for an end before the start.
    #[error("no working day is left between {starts_on} and {ends_on}, seen from {today}")]
    NoWorkingDay {
        /// First day of the campaign.
        starts_on: Date,
        /// Last day of the campaign.
        ends_on: Date,
        /// The day of planning.
        today: Date,
    },
}

impl Failure for StrategyError {
    fn code(&self) -> &'static Code {
        match self {
            Self::NoWorkingDay { .. } => &code::PERIOD_WITHOUT_WORKING_DAYS,
        }
    }
}
