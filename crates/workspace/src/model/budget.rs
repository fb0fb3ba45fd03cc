//! What a workspace may spend on AI.

use kernel::{PicoUsd, TimeZone, Timestamp, Violation};

/// What the owner said of a workspace's AI spending in a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// At most so much; `None` when the owner set no limit.
    pub limit: Option<PicoUsd>,
    /// 0 when nothing was ever said, one more with each change.
    pub version: i32,
}

impl Budget {
    /// Nothing was said yet.
    pub const UNSET: Self = Self { limit: None, version: 0 };
    /// The highest limit.
    pub const HIGHEST: PicoUsd = PicoUsd::new(1_000_000 * 1_000_000_000_000);
}

/// The limit that holds: the smallest of those given; `None`, which is no limit, when none is.
#[must_use]
pub fn effective(limits: impl IntoIterator<Item = Option<PicoUsd>>) -> Option<PicoUsd> {
    limits.into_iter().flatten().min()
}

/// Reads a limit in dollars.
///
/// # Errors
/// `invalid_format` or `too_large`.
pub(crate) fn limit(text: &str) -> Result<PicoUsd, Violation> {
    let limit: PicoUsd =
        text.parse().map_err(|error: kernel::NotUsd| Violation::new("invalid_format", error.to_string()))?;
    if limit > Budget::HIGHEST {
        return Err(Violation::new("too_large", format!("must be at most {}", Budget::HIGHEST)));
    }
    Ok(limit)
}

/// The first instant of the month after `now`, in UTC: then spending counts from nothing.
#[must_use]
pub fn next_month(now: Timestamp) -> Timestamp {
    let utc = TimeZone::utc();
    // Only the last day that a calendar knows has no day after it.
    now.date_in(&utc).last_of_month().tomorrow().map_or(now, |first| utc.start_of(first))
}

/// A workspace's budget with all that decides about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BudgetView {
    /// What the owner said.
    pub budget: Budget,
    /// What holds for every workspace of this installation.
    pub default: Option<PicoUsd>,
    /// The limit that holds.
    pub effective: Option<PicoUsd>,
    /// When the month ends.
    pub resets_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_limit_holds_and_none_is_no_limit() {
        let [one, two] = [1, 2].map(|usd| Some(PicoUsd::new(usd)));
        assert_eq!(effective([None, None]), None);
        assert_eq!(effective([two, None, one]), one);
        assert_eq!(effective([Some(PicoUsd::ZERO), one]), Some(PicoUsd::ZERO), "nothing is a limit, too");
    }

    #[test]
    fn a_limit_is_a_bounded_decimal() {
        assert_eq!(limit("12.5").unwrap(), PicoUsd::new(12_500_000_000_000));
        assert_eq!(limit("1000000").unwrap(), Budget::HIGHEST);
        assert_eq!(limit("1000000.01").unwrap_err().code, "too_large");
        assert_eq!(limit("-1").unwrap_err().code, "invalid_format");
    }

    #[test]
    fn a_month_ends_with_the_next_ones_first_instant() {
        let next = |now: &str| next_month(now.parse().unwrap()).to_string();
        assert_eq!(next("2026-03-02T09:00:00Z"), "2026-04-01T00:00:00Z");
        assert_eq!(next("2026-12-31T23:59:59.999999Z"), "2027-01-01T00:00:00Z");
        assert_eq!(next("2028-02-29T00:00:00Z"), "2028-03-01T00:00:00Z");
    }
}
