//! Instants, dates and time zones, and the clock that tells them.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::time::Duration;

/// A calendar day without a time zone.
pub type Date = jiff::civil::Date;

/// An instant in microseconds since 1970-01-01T00:00:00Z: the finest grain that both databases keep.
///
/// On the wire it is RFC 3339 in UTC with `Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From microseconds since the epoch.
    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since the epoch.
    #[must_use]
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Whole seconds since the epoch, rounded down.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// This instant moved into the future; saturates at the end of time.
    #[must_use]
    pub fn plus(self, by: Duration) -> Self {
        Self(self.0.saturating_add(micros_of(by)))
    }

    /// This instant moved into the past; saturates.
    #[must_use]
    pub fn minus(self, by: Duration) -> Self {
        Self(self.0.saturating_sub(micros_of(by)))
    }

    /// The time from `earlier` to this instant; zero when `earlier` is later.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// The calendar day of this instant in `zone`.
    #[must_use]
    pub fn date_in(self, zone: &TimeZone) -> Date {
        self.in_zone(zone).date()
    }

    /// Later than anything that happens.
    pub const NEVER: Self = Self(253_402_207_200_000_000);

    pub(crate) fn in_zone(self, zone: &TimeZone) -> jiff::Zoned {
        self.instant().to_zoned(zone.zone.clone())
    }

    pub(crate) fn of(zoned: &jiff::Zoned) -> Self {
        Self(zoned.timestamp().as_microsecond())
    }

    fn instant(self) -> jiff::Timestamp {
        let bound = if self.0 < 0 { jiff::Timestamp::MIN } else { jiff::Timestamp::MAX };
        jiff::Timestamp::from_microsecond(self.0).unwrap_or(bound)
    }
}

fn micros_of(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

impl std::fmt::Display for Timestamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.instant().fmt(f)
    }
}

impl std::str::FromStr for Timestamp {
    type Err = jiff::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse::<jiff::Timestamp>().map(|t| Self(t.as_microsecond()))
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// An IANA time zone, such as `Europe/London`. The database is compiled in (jiff's bundled tzdb), so that every
/// machine agrees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimeZone {
    name: String,
    zone: jiff::tz::TimeZone,
}

/// The name is not an IANA time zone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an IANA time zone such as `Europe/London`")]
pub struct UnknownTimeZone(String);

impl TimeZone {
    /// Looks the name up in the IANA database.
    ///
    /// # Errors
    /// [`UnknownTimeZone`] when there is no such zone.
    pub fn parse(name: &str) -> Result<Self, UnknownTimeZone> {
        let zone =
            jiff::tz::TimeZone::get(name).map_err(|_| UnknownTimeZone(name.chars().take(64).collect()))?;
        let canonical = zone.iana_name().unwrap_or(name).to_owned();
        Ok(Self { name: canonical, zone })
    }

    /// Coordinated universal time.
    #[must_use]
    pub fn utc() -> Self {
        Self { name: "UTC".to_owned(), zone: jiff::tz::TimeZone::UTC }
    }

    /// The first instant of a day in this zone: the hour after the gap when midnight does not exist on that day.
    #[must_use]
    pub fn start_of(&self, date: Date) -> Timestamp {
        let at = self.zone.to_ambiguous_zoned(date.at(0, 0, 0, 0)).compatible();
        at.map_or(Timestamp(i64::MAX), |zoned| Timestamp(zoned.timestamp().as_microsecond()))
    }

    /// The IANA name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// Tells the time. The system clock in the binary; a clock that is moved by hand in tests.
pub trait Clock: Send + Sync {
    /// The present instant.
    fn now(&self) -> Timestamp;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the machine for the time")]
    fn now(&self) -> Timestamp {
        Timestamp(jiff::Timestamp::now().as_microsecond())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_rfc_3339_with_z_and_come_back_whole() {
        let at = Timestamp::from_micros(1_763_705_040_123_456);
        assert_eq!(at.to_string(), "2025-11-21T06:04:00.123456Z");
        assert_eq!(at.to_string().parse::<Timestamp>().unwrap(), at);
        assert_eq!(serde_json::from_value::<Timestamp>(serde_json::to_value(at).unwrap()).unwrap(), at);
    }

    #[test]
    fn the_day_depends_on_the_zone() {
        let at: Timestamp = "2026-03-01T23:30:00Z".parse().unwrap();
        assert_eq!(at.date_in(&TimeZone::utc()).to_string(), "2026-03-01");
        assert_eq!(at.date_in(&TimeZone::parse("Asia/Kolkata").unwrap()).to_string(), "2026-03-02");
    }

    #[test]
    fn a_day_starts_where_the_zone_says() {
        let start =
            |zone, day: &str| TimeZone::parse(zone).unwrap().start_of(day.parse().unwrap()).to_string();
        assert_eq!(start("Asia/Kolkata", "2026-03-02"), "2026-03-01T18:30:00Z");
        // Clocks in Beirut sprang forward at midnight: the day began at 01:00 summer time.
        assert_eq!(start("Asia/Beirut", "2022-03-27"), "2022-03-26T22:00:00Z");
    }

    #[test]
    fn a_made_up_zone_is_refused() {
        assert!(TimeZone::parse("Mars/Olympus").is_err());
        assert_eq!(TimeZone::parse("europe/london").unwrap().name(), "Europe/London");
    }
}
