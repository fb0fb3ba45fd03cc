//! A line of the price list.

use kernel::{Date, Money, PicoUsd, Violation};
use serde::{Deserialize, Serialize};

/// The stable name of a plan: 2 to 40 characters of `a-z`, `0-9` and `_`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PlanCode(String);

impl PlanCode {
    /// Takes a code.
    ///
    /// # Errors
    /// `malformed`.
    pub fn parse(text: &str) -> Result<Self, Violation> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        if (2..=40).contains(&text.len()) && text.bytes().all(plain) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Violation::new("malformed", "use 2 to 40 characters of a-z, 0-9 and _"))
        }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for PlanCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for PlanCode {
    type Error = Violation;

    fn try_from(text: String) -> Result<Self, Violation> {
        Self::parse(&text)
    }
}

impl From<PlanCode> for String {
    fn from(code: PlanCode) -> Self {
        code.0
    }
}

/// What one payment lasts for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Period {
    /// From a day to the same day of the next month, or its last day.
    Month,
    /// From a day to the same day of the next year; 29 February ends on the 28th.
    Year,
}

impl Period {
    /// The first day after a period that starts on `start`; `None` beyond the calendar's end.
    #[must_use]
    pub fn end(self, start: Date) -> Option<Date> {
        let span = match self {
            Self::Month => jiff::Span::new().months(1),
            Self::Year => jiff::Span::new().years(1),
        };
        start.checked_add(span).ok()
    }
}

/// The most that a workspace may have on a plan; `None` means no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct PlanLimits {
    /// People in the workspace.
    pub members: Option<u32>,
    /// Campaigns that are neither completed nor cancelled.
    pub campaigns: Option<u32>,
    /// AI cost per calendar month (UTC).
    pub ai_budget: Option<PicoUsd>,
}

/// What a workspace can subscribe to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Plan {
    /// Its stable name.
    pub code: PlanCode,
    /// Its name for people.
    pub name: String,
    /// For whom it is, in a sentence.
    pub description: String,
    /// For one period, taxes included; zero needs no payment.
    pub price: Money,
    /// What one payment lasts for.
    pub period: Period,
    /// What it allows.
    pub limits: PlanLimits,
    /// First day on sale (UTC).
    pub valid_from: Date,
    /// Last day on sale (UTC); `None` while no end is set.
    pub valid_to: Option<Date>,
}

impl Plan {
    /// Whether it is on sale that day.
    #[must_use]
    pub fn is_on_sale(&self, day: Date) -> bool {
        self.valid_from <= day && self.valid_to.is_none_or(|last| day <= last)
    }

    /// Whether nothing is to be paid.
    #[must_use]
    pub const fn is_free(&self) -> bool {
        self.price.amount == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_a_plain_word() {
        assert_eq!(PlanCode::parse("growth_yearly").unwrap().as_str(), "growth_yearly");
        for bad in ["", "x", "Growth", "a-b", &"x".repeat(41)] {
            assert_eq!(PlanCode::parse(bad).unwrap_err().code, "malformed", "{bad:?}");
        }
    }

    #[test]
    fn a_period_ends_on_the_same_day_or_the_last_of_the_month() {
        let end = |period: Period, start: &str| period.end(start.parse().unwrap()).unwrap().to_string();
        assert_eq!(end(Period::Month, "2026-03-02"), "2026-04-02");
        assert_eq!(end(Period::Month, "2026-01-31"), "2026-02-28");
        assert_eq!(end(Period::Year, "2028-02-29"), "2029-02-28");
        assert_eq!(Period::Year.end(Date::MAX), None);
    }
}
