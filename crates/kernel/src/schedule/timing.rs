//! When something comes again.

use crate::{TimeZone, Timestamp};
use croner::{
    Cron,
    parser::{CronParser, Seconds, Year},
};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// A rule that names instants.
///
/// On the wire and in stores `{"cron": "0 6 * * *", "zone": "Europe/London"}` or `{"every_seconds": 3600}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Wire", into = "Wire")]
pub enum Timing {
    /// By the wall clock of a zone. When clocks spring forward over a fixed time, it comes at the first instant after the
    /// gap; when they fall back, it comes once, at the earlier of the two. A pattern of several minutes or hours, such as
    /// `*/30 1 * * *`, leaves out what falls into the gap, and comes in both of the hours that are repeated (croner 4).
    Cron {
        /// The pattern.
        pattern: Box<Cron>,
        /// Whose wall clock.
        zone: TimeZone,
    },
    /// After so much time, whatever the clocks do.
    Every(Duration),
}

/// The rule names no instant, or more than a minute can hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct UnusableTiming(String);

#[derive(Clone, Serialize, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
enum Wire {
    Cron { cron: String, zone: String },
    Every { every_seconds: u64 },
}

impl TryFrom<Wire> for Timing {
    type Error = UnusableTiming;

    fn try_from(wire: Wire) -> Result<Self, UnusableTiming> {
        match wire {
            Wire::Cron { cron, zone } => {
                let zone = TimeZone::parse(&zone).map_err(|error| UnusableTiming(error.to_string()))?;
                Self::cron(&cron, zone)
            }
            Wire::Every { every_seconds } => Self::every(Duration::from_secs(every_seconds)),
        }
    }
}

impl From<Timing> for Wire {
    fn from(timing: Timing) -> Self {
        match timing {
            Timing::Cron { pattern, zone } => {
                Self::Cron { cron: pattern.as_str().to_owned(), zone: zone.name().to_owned() }
            }
            Timing::Every(every) => Self::Every { every_seconds: every.as_secs() },
        }
    }
}

impl Timing {
    /// A pattern of five fields (minute, hour, day of month, month, day of week), such as `0 6 * * *`.
    ///
    /// # Errors
    /// [`UnusableTiming`] for a pattern that is none, or that no instant meets.
    pub fn cron(pattern: &str, zone: TimeZone) -> Result<Self, UnusableTiming> {
        let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
        let parsed = parser.parse(pattern).map_err(|error| UnusableTiming(error.to_string()))?;
        let timing = Self::Cron { pattern: Box::new(parsed), zone };
        match timing.next_after(Timestamp::from_micros(0)) {
            Some(_) => Ok(timing),
            None => Err(UnusableTiming(format!("`{pattern}` names no day that there is"))),
        }
    }

    /// Every so often; a minute at least.
    ///
    /// # Errors
    /// [`UnusableTiming`] for less.
    pub fn every(interval: Duration) -> Result<Self, UnusableTiming> {
        if interval < Duration::from_secs(60) || interval.subsec_nanos() != 0 {
            return Err(UnusableTiming("an interval has a whole number of seconds, 60 at least".to_owned()));
        }
        Ok(Self::Every(interval))
    }

    /// The first instant after `at`, which is itself one for an interval; `None` when there is none.
    #[must_use]
    pub fn next_after(&self, at: Timestamp) -> Option<Timestamp> {
        match self {
            Self::Cron { pattern, zone } => {
                pattern.find_next_occurrence(&at.in_zone(zone), false).ok().map(|next| Timestamp::of(&next))
            }
            Self::Every(interval) => Some(at.plus(*interval)),
        }
    }

    /// The last instant that is not after `at`, of a rule that names `first`.
    #[must_use]
    pub(super) fn last_until(&self, at: Timestamp, first: Timestamp) -> Option<Timestamp> {
        if at < first {
            return None;
        }
        match self {
            Self::Cron { pattern, zone } => {
                let last = pattern.find_previous_occurrence(&at.in_zone(zone), true).ok()?;
                Some(Timestamp::of(&last).max(first))
            }
            Self::Every(interval) => {
                let times = at.since(first).as_micros() / interval.as_micros().max(1);
                let elapsed = u64::try_from(times * interval.as_micros()).unwrap_or(u64::MAX);
                Some(first.plus(Duration::from_micros(elapsed)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn london(pattern: &str) -> Timing {
        Timing::cron(pattern, TimeZone::parse("Europe/London").unwrap()).unwrap()
    }

    fn after(timing: &Timing, at: &str) -> String {
        timing.next_after(at.parse().unwrap()).unwrap().to_string()
    }

    #[test]
    fn a_morning_is_a_morning_of_the_zone_in_winter_and_in_summer() {
        let six = london("0 6 * * *");
        assert_eq!(after(&six, "2026-03-02T05:00:00Z"), "2026-03-02T06:00:00Z");
        assert_eq!(after(&six, "2026-03-02T06:00:00Z"), "2026-03-03T06:00:00Z");
        assert_eq!(after(&six, "2026-07-01T00:00:00Z"), "2026-07-01T05:00:00Z");
    }

    #[test]
    fn what_falls_into_the_spring_gap_comes_after_it_and_what_comes_twice_in_autumn_comes_once() {
        let half_past_one = london("30 1 * * *");
        // Clocks go from 01:00 to 02:00 on 2026-03-29, and from 02:00 back to 01:00 on 2026-10-25.
        assert_eq!(after(&half_past_one, "2026-03-28T12:00:00Z"), "2026-03-29T01:00:00Z");
        assert_eq!(after(&half_past_one, "2026-10-24T12:00:00Z"), "2026-10-25T00:30:00Z");
        assert_eq!(after(&half_past_one, "2026-10-25T00:30:00Z"), "2026-10-26T01:30:00Z");
    }

    #[test]
    fn an_interval_counts_time_and_not_the_clock() {
        let hours = Timing::every(Duration::from_secs(13 * 3_600)).unwrap();
        assert_eq!(after(&hours, "2026-03-28T20:00:00Z"), "2026-03-29T09:00:00Z");
        let first = "2026-03-28T20:00:00Z".parse().unwrap();
        let last = hours.last_until("2026-03-30T00:00:00Z".parse().unwrap(), first).unwrap();
        assert_eq!(last.to_string(), "2026-03-29T22:00:00Z");
        assert_eq!(hours.last_until("2026-03-28T19:59:59Z".parse().unwrap(), first), None);
    }

    #[test]
    fn what_is_no_rule_is_refused() {
        let zone = TimeZone::utc;
        for bad in ["", "* * * *", "* * * * * *", "61 * * * *", "0 0 30 2 *", "every morning"] {
            assert!(Timing::cron(bad, zone()).is_err(), "{bad}");
        }
        assert!(Timing::every(Duration::from_secs(59)).is_err());
        assert!(Timing::every(Duration::from_millis(60_001)).is_err());
    }

    #[test]
    fn a_rule_comes_back_as_it_was_written_down() {
        for timing in [london("0 6 * * MON-FRI"), Timing::every(Duration::from_secs(3_600)).unwrap()] {
            let written = serde_json::to_value(&timing).unwrap();
            assert_eq!(serde_json::from_value::<Timing>(written).unwrap(), timing);
        }
        let unknown = serde_json::json!({"cron": "0 6 * * *", "zone": "Mars/Olympus"});
        assert!(serde_json::from_value::<Timing>(unknown).is_err());
    }
}
