//! Whether clocks agree.

use super::WorkerRegistry;
use crate::{Environment, StoreResult, SystemScope, Timestamp};
use std::{fmt, time::Duration};

/// How far a machine's clock is from the one that its workers share. Leases end by the clock of whoever claims next: one
/// that is ahead by a lease takes over what all others are at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ClockSkew {
    /// Ahead, when it is above zero.
    micros: i64,
}

impl ClockSkew {
    /// What does no harm.
    pub const MOST: Duration = Duration::from_secs(1);

    /// Asks what time it is there. A store without a clock of its own agrees with everybody.
    ///
    /// # Errors
    /// The store's.
    pub async fn ask(
        registry: &dyn WorkerRegistry,
        scope: &SystemScope,
        env: &Environment,
    ) -> StoreResult<Self> {
        let asked = env.now();
        let there = registry.time(scope).await?;
        Ok(there.map_or_else(Self::default, |there| Self::between(asked, there, env.now())))
    }

    /// What is sure of it: the answer was given at some time between the question and its coming.
    #[must_use]
    pub fn between(asked: Timestamp, there: Timestamp, answered: Timestamp) -> Self {
        let (least, most) = (asked.micros() - there.micros(), answered.micros() - there.micros());
        Self { micros: if least > 0 { least } else { most.min(0) } }
    }

    fn by(self) -> Duration {
        Duration::from_micros(self.micros.unsigned_abs())
    }

    /// Whether it does no harm.
    #[must_use]
    pub fn is_harmless(self) -> bool {
        self.by() <= Self::MOST
    }

    /// In seconds; below zero for a clock that is behind.
    #[must_use]
    pub fn seconds(self) -> f64 {
        self.by().as_secs_f64() * if self.micros < 0 { -1.0 } else { 1.0 }
    }
}

impl fmt::Display for ClockSkew {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let way = if self.micros < 0 { "behind" } else { "ahead of" };
        write!(f, "{:.1} s {way} the database's", self.by().as_secs_f64())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_difference_counts_what_the_way_of_the_question_does_not_explain() {
        let at = |seconds: i64| Timestamp::from_micros(seconds * 1_000_000);
        for (asked, there, answered, skew) in [
            (100, 100, 100, 0.0),
            // An answer that takes long may be of any moment meanwhile.
            (100, 108, 110, 0.0),
            (131, 100, 132, 31.0),
            (100, 120, 105, -15.0),
        ] {
            let found = ClockSkew::between(at(asked), at(there), at(answered));
            assert!((found.seconds() - skew).abs() < f64::EPSILON, "{found:?}");
            assert_eq!(found.is_harmless(), skew.abs() < 1.0, "{found}");
        }
        let said = |there| ClockSkew::between(at(100), at(there), at(100)).to_string();
        assert_eq!(said(69), "31.0 s ahead of the database's");
        assert_eq!(said(102), "2.0 s behind the database's");
    }
}
