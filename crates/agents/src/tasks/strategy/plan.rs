//! What the strategy task answers.

use jiff::civil::Date;
use kernel::channels::ChannelSlug;
use serde::{Deserialize, Serialize};

use super::input::BudgetAmount;

/// How far a reader is on the way to being a customer who recommends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FunnelStage {
    /// Learns that the problem can be solved, and by whom.
    Awareness,
    /// Compares ways to solve it.
    Consideration,
    /// Decides.
    Conversion,
    /// Stays, and tells others.
    Retention,
}

impl FunnelStage {
    /// All stages in the order in which a reader passes them.
    pub const ALL: [Self; 4] = [Self::Awareness, Self::Consideration, Self::Conversion, Self::Retention];

    /// The name used in data files and on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Awareness => "awareness",
            Self::Consideration => "consideration",
            Self::Conversion => "conversion",
            Self::Retention => "retention",
        }
    }
}

/// A campaign's moves and how they came about.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct StrategyPlan {
    /// Channels, best fit first.
    pub channels: Vec<ChannelPlan>,
    /// Moves by due date.
    pub moves: Vec<PlannedMove>,
    /// The rhythm on each channel.
    pub cadence: Vec<Cadence>,
    /// What was not planned because the business forbids it.
    pub refused: Vec<Refusal>,
    /// What a reader of the plan should know: assumptions, money held back, channels left out.
    pub notes: Vec<String>,
}

/// A channel's part in the plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelPlan {
    /// The channel.
    pub channel: ChannelSlug,
    /// Its name for people.
    pub name: String,
    /// How well it reaches the audiences, 0 to 100.
    pub fit: u32,
    /// Why.
    pub reason: String,
    /// What its moves may spend together, in minor units of the plan's currency; `None` without paid moves.
    pub budget: Option<i64>,
    /// Number of moves.
    pub moves: usize,
}

/// The rhythm on a channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cadence {
    /// The channel.
    pub channel: ChannelSlug,
    /// Number of moves.
    pub moves: usize,
    /// Due date of the first.
    pub first_due: Date,
    /// Due date of the last.
    pub last_due: Date,
    /// In words.
    pub rhythm: String,
}

/// One move of the plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedMove {
    /// Unique in the plan and the same each time the same input is planned.
    pub key: String,
    /// Unique in the plan.
    pub title: String,
    /// Where it happens.
    pub channel: ChannelSlug,
    /// Which stage of the funnel it serves.
    pub stage: FunnelStage,
    /// Whom it addresses; `None` when the context has no ICP.
    pub icp_id: Option<String>,
    /// Their name, or a description of the audience.
    pub icp_name: String,
    /// The tactic it was made from.
    pub tactic: String,
    /// What it should achieve.
    pub objective: String,
    /// What to do and why.
    pub brief: String,
    /// Steps, in order.
    pub tasks: Vec<String>,
    /// A first version of the text, where the channel is text. Square brackets mark what only people can fill in.
    pub draft: Option<String>,
    /// When the move is due: a working day of the period.
    pub due_on: Date,
    /// How to tell whether it worked.
    pub measure: String,
    /// What it may spend; only on paid channels.
    pub budget: Option<BudgetAmount>,
}

impl PlannedMove {
    /// Every text of the move, for checks.
    pub(super) fn texts(&self) -> impl Iterator<Item = &str> {
        let own = [&self.title, &self.objective, &self.brief, &self.measure].map(String::as_str);
        own.into_iter().chain(self.tasks.iter().map(String::as_str)).chain(self.draft.as_deref())
    }
}

/// A tactic that the business forbids.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// The tactic, in words.
    pub tactic: String,
    /// The constraint as the business wrote it.
    pub rule: String,
    /// How the two are connected.
    pub reason: String,
}
