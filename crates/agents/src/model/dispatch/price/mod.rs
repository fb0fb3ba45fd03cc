//! What tokens cost. Money is whole pico-dollars, so that no sum is ever rounded: a dollar per million tokens is a million
//! pico-dollars per token, and every list price, halved, times 9/5 or times 11/10, is a whole number of them.

mod arithmetic;
mod file;
mod rate;

pub use arithmetic::Unpriced;
pub use file::{PriceFile, PriceFileError};
pub use rate::{NotARate, Rate};

use jiff::civil::Date;
use kernel::{TimeZone, Timestamp};
use serde::Deserialize;

/// How urgently a call was served, which its price follows. The provider says it in its answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServiceTier {
    /// At the list price.
    #[default]
    Standard,
    /// When there is room.
    Flex,
    /// Together with many others, within a day.
    Batch,
    /// Before others.
    Priority,
}

/// Under which conditions a call was served.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Terms {
    /// How urgently.
    pub tier: ServiceTier,
    /// Whether by a regional endpoint, which some models cost more at.
    pub is_regional: bool,
}

/// What each class of tokens costs; a class without a rate can't be paid for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rates {
    /// Input that no cache had.
    #[serde(rename = "input")]
    pub fresh: Rate,
    /// Input from the provider's cache.
    pub cache_read: Option<Rate>,
    /// Input into the provider's cache for five minutes.
    pub cache_write_5m: Option<Rate>,
    /// Input into it for an hour.
    pub cache_write_1h: Option<Rate>,
    /// Output, reasoning included; none where there is no output, as of embeddings.
    pub output: Option<Rate>,
}

/// The rates of long requests: of the whole request, when its input is longer than so many tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LongRates {
    /// More than so many tokens of input.
    pub tokens: u64,
    /// What each class costs then.
    pub rates: Rates,
}

/// A fraction by which a price is multiplied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Factor {
    /// Times this,
    pub times: u32,
    /// divided by this; never 0.
    pub by: u32,
}

impl Factor {
    /// The price as it is.
    pub const ONE: Self = Self { times: 1, by: 1 };
}

/// By what the price is multiplied under other terms; none where the model is not served so.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Factors {
    /// When there is room.
    pub flex: Option<Factor>,
    /// Within a day.
    pub batch: Option<Factor>,
    /// Before others.
    pub priority: Option<Factor>,
    /// By a regional endpoint; the list price where there is none.
    pub regional: Option<Factor>,
}

/// One row of the price list.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// Of which model, by its id.
    pub model: String,
    /// From the first instant of this day on, in UTC; from ever when it is absent.
    pub valid_from: Option<Date>,
    /// Until the first instant of this day, in UTC; for ever when it is absent.
    pub valid_to: Option<Date>,
    /// What tokens cost.
    pub rates: Rates,
    /// What they cost in a long request.
    pub above: Option<LongRates>,
    /// What other terms cost.
    #[serde(default)]
    pub factors: Factors,
}

impl Price {
    /// How the ledger names the row: the model and the day since when.
    #[must_use]
    pub fn name(&self) -> String {
        match self.valid_from {
            Some(from) => format!("{}@{from}", self.model),
            None => self.model.clone(),
        }
    }

    /// Whether it holds at this instant.
    #[must_use]
    pub fn holds_at(&self, at: Timestamp) -> bool {
        let today = at.date_in(&TimeZone::utc());
        self.valid_from.is_none_or(|from| from <= today) && self.valid_to.is_none_or(|to| today < to)
    }
}

#[cfg(test)]
mod tests;
