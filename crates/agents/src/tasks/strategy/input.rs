//! What the strategy task is given.

use jiff::civil::Date;
use kernel::{Currency, channels::ChannelSlug};
use serde::{Deserialize, Serialize};

use super::context::ContextView;

/// A campaign, the business context it is planned from, and the day on which it is planned.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StrategyInput {
    /// The campaign to plan.
    pub campaign: CampaignBrief,
    /// What is known of the business.
    #[serde(default)]
    pub context: ContextView,
    /// No move is due before this day.
    pub today: Date,
}

/// The part of a campaign that planning needs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CampaignBrief {
    /// Its name.
    pub name: String,
    /// What it should achieve, in the words of the people who run it.
    pub goal: String,
    /// Channels to use; empty: the planner chooses from the context.
    #[serde(default)]
    pub channels: Vec<ChannelSlug>,
    /// ICPs to address; empty: all.
    #[serde(default)]
    pub icp_ids: Vec<String>,
    /// First day.
    pub starts_on: Date,
    /// Last day, inclusive.
    pub ends_on: Date,
    /// What paid channels may spend in the whole period.
    #[serde(default)]
    pub budget: Option<BudgetAmount>,
}

/// An amount of money in minor units.
///
/// The currency is any ISO 4217 code: a plan may be made in a currency that RaptorFlow cannot charge in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BudgetAmount {
    /// Minor units (cents, paise).
    pub amount: i64,
    /// ISO 4217 code.
    pub currency: String,
}

impl BudgetAmount {
    /// Minor units in one major unit; two digits are assumed for a currency that the kernel does not know.
    pub(super) fn unit(currency: &str) -> i64 {
        let digits = Currency::from_code(currency).map_or(2, Currency::minor_digits);
        10_i64.pow(digits)
    }

    /// For people: `1,000 USD`, `933.33 USD`, `120,000 JPY`.
    pub(super) fn for_people(&self) -> String {
        let unit = Self::unit(&self.currency);
        let (whole, rest) = (self.amount / unit, (self.amount % unit).abs());
        let digits = whole.abs().to_string();
        let mut grouped = String::new();
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index) % 3 == 0 {
                grouped.push(',');
            }
            grouped.push(digit);
        }
        let cents = if rest == 0 { String::new() } else { format!(".{rest:02}") };
        format!("{grouped}{cents} {}", self.currency)
    }
}
