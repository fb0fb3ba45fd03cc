//! Working days, and the days on which a plan's moves fall due.

use jiff::{
    ToSpan,
    civil::{Date, Weekday},
};

/// Days of a campaign that are planned at most; a longer one is planned again when its first year is over.
pub(crate) const HORIZON_DAYS: usize = 366;

/// Days from Monday to Friday within the period and not before today, within the horizon.
pub(crate) fn working_days(starts_on: Date, ends_on: Date, today: Date) -> Vec<Date> {
    let from = starts_on.max(today);
    from.series(1.day())
        .take(HORIZON_DAYS)
        .take_while(|day| *day <= ends_on)
        .filter(|day| !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday))
        .collect()
}

/// The day so many days later, but not later than `last`; `last` too when the calendar ends.
pub(crate) fn days_after(day: Date, days: i64, last: Option<Date>) -> Date {
    let later = day.checked_add(days.days()).unwrap_or(Date::MAX);
    last.map_or(later, |last| later.min(last))
}

/// "9 December".
pub(crate) fn spoken(day: Date) -> String {
    day.strftime("%-d %B").to_string()
}

/// Days of a period, both ends included; 0 when it ends before it starts.
pub(crate) fn length(starts_on: Date, ends_on: Date) -> i64 {
    let days = starts_on.until(ends_on).map_or(0, |span| i64::from(span.get_days()));
    (days + 1).max(0)
}

/// How much is due on each working day.
pub(crate) struct Load {
    per_day: Vec<usize>,
    limit: usize,
}

impl Load {
    /// For so many moves on so many working days; a day takes a third more than the average, so that moves stay near
    /// their targets.
    pub(crate) fn new(days: usize, moves: usize) -> Self {
        Self { per_day: vec![0; days], limit: (moves * 4).div_ceil(days.max(1) * 3).max(1) }
    }

    /// Takes the day nearest to the target within the window that still has room, the earlier one on a tie; when none
    /// has room, the least loaded.
    pub(crate) fn take(&mut self, target: usize, window: std::ops::RangeInclusive<usize>) -> usize {
        let near = |day: &usize| (day.abs_diff(target), *day);
        let free = window.clone().filter(|&day| self.per_day[day] < self.limit).min_by_key(near);
        let day = free.or_else(|| window.min_by_key(|&day| (self.per_day[day], near(&day))));
        let day = day.unwrap_or(target);
        self.per_day[day] += 1;
        day
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn weekends_days_past_and_days_after_the_end_are_no_working_days() {
        let days = working_days(date(2025, 12, 1), date(2025, 12, 9), date(2025, 12, 4));
        assert_eq!(days, [date(2025, 12, 4), date(2025, 12, 5), date(2025, 12, 8), date(2025, 12, 9)]);
        assert_eq!(working_days(date(2025, 12, 6), date(2025, 12, 7), date(2025, 1, 1)), []);
        assert_eq!(working_days(date(2025, 12, 9), date(2025, 12, 1), date(2025, 1, 1)), []);
    }

    #[test]
    fn the_end_of_the_calendar_is_no_surprise() {
        assert!(!working_days(Date::MIN, Date::MAX, Date::MIN).is_empty());
        assert_eq!(days_after(Date::MAX, 14, None), Date::MAX);
        assert_eq!(length(date(2025, 12, 1), date(2025, 12, 28)), 28);
        assert_eq!(length(date(2025, 12, 2), date(2025, 12, 1)), 0);
    }

    #[test]
    fn a_full_day_pushes_to_the_nearest_one_with_room() {
        let mut load = Load::new(3, 2);
        assert_eq!([load.take(1, 0..=2), load.take(1, 0..=2), load.take(1, 0..=2)], [1, 0, 2]);
        assert_eq!(load.take(2, 0..=2), 2, "when all are full, the least loaded and nearest is used");
    }
}
