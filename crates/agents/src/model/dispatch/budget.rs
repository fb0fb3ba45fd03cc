use super::CallHead;
use jiff::civil::Date;
use kernel::{PicoUsd, TimeZone, Timestamp};

/// The month in which something is spent, in UTC: its first day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BudgetMonth(Date);

impl BudgetMonth {
    /// The month of an instant.
    #[must_use]
    pub fn of(at: Timestamp) -> Self {
        Self(at.date_in(&TimeZone::utc()).first_of_month())
    }

    /// The month that begins on this day; `None` when none does.
    #[must_use]
    pub fn from_first_day(day: Date) -> Option<Self> {
        (day.day() == 1).then_some(Self(day))
    }

    /// Its first day.
    #[must_use]
    pub const fn first_day(self) -> Date {
        self.0
    }

    /// The first instant of the next one: then spending counts from nothing.
    #[must_use]
    pub fn ends_at(self) -> Timestamp {
        let utc = TimeZone::utc();
        // Only the last month that a calendar knows has none after it.
        self.0.last_of_month().tomorrow().map_or_else(|_| utc.start_of(self.0), |next| utc.start_of(next))
    }
}

/// What a workspace has spent in a month and holds back for calls under way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Spending {
    /// What its calls cost.
    pub spent: PicoUsd,
    /// What calls under way may cost at most.
    pub reserved: PicoUsd,
}

impl Spending {
    /// Whether so much more stays within the limit. What is exactly as much does; without a limit everything does.
    #[must_use]
    pub fn has_room(&self, amount: PicoUsd, limit: Option<PicoUsd>) -> bool {
        let sum = self.spent.checked_add(self.reserved).and_then(|sum| sum.checked_add(amount));
        match limit {
            Some(limit) => sum.is_some_and(|sum| sum <= limit),
            None => sum.is_some(),
        }
    }
}

/// Money held back for a call before it is made. It is a lease that outlasts every call: when its process dies, it ends by
/// itself.
///
/// ```text
///   ── fits ──▶ held ── the call ends: settled at its cost, with its row in the ledger ──▶ (gone)
///                └── its time is over: given free, with a row at the cost of what was sent ──▶ (gone)
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// Of which call.
    pub call: CallHead,
    /// In which month it counts.
    pub month: BudgetMonth,
    /// So much at most.
    pub amount: PicoUsd,
    /// What its input costs by our own count: the least that it will have cost once it was sent.
    pub input_cost: PicoUsd,
    /// How many tokens that is.
    pub input_tokens: u64,
    /// When it ends by itself.
    pub until: Timestamp,
}

/// Whether money was held back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// It was.
    Yes,
    /// It would have been too much; so much is spent and held already.
    Refused(Spending),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exactly_the_rest_fits_and_one_more_does_not() {
        let spending = Spending { spent: PicoUsd::new(60), reserved: PicoUsd::new(30) };
        let limit = Some(PicoUsd::new(100));
        assert!(spending.has_room(PicoUsd::new(10), limit));
        assert!(!spending.has_room(PicoUsd::new(11), limit));
        assert!(spending.has_room(PicoUsd::new(11), None));
        assert!(!spending.has_room(PicoUsd::new(i64::MAX), None), "more than can be counted");
        assert!(!spending.has_room(PicoUsd::ZERO, Some(PicoUsd::new(89))), "the limit was lowered meanwhile");
    }

    #[test]
    fn a_month_is_that_of_utc() {
        let month = BudgetMonth::of("2026-11-30T23:59:59.999999Z".parse().unwrap());
        assert_eq!(month.first_day().to_string(), "2026-11-01");
        assert_eq!(month.ends_at().to_string(), "2026-12-01T00:00:00Z");
        assert_eq!(BudgetMonth::from_first_day(month.first_day()), Some(month));
        assert_eq!(BudgetMonth::from_first_day(month.first_day().tomorrow().unwrap()), None);
    }
}
