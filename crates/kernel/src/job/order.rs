//! Which job is next.

use crate::Timestamp;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How important a job is. The more important one has a head start; none waits for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// Somebody waits for it.
    High,
    /// Somebody will look for it.
    Normal,
    /// Nobody waits: housekeeping.
    Low,
}

impl Priority {
    /// Every priority, the most important first.
    pub const ALL: [Self; 3] = [Self::High, Self::Normal, Self::Low];

    /// The stable name, as stored and on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::High => "high",
            Self::Normal => "normal",
            Self::Low => "low",
        }
    }

    /// The priority of a stored name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|priority| priority.name() == name)
    }

    /// How much later than its time it takes its turn, beside jobs of the highest priority. When nothing else waits it
    /// makes no difference.
    #[must_use]
    pub const fn handicap(self) -> Duration {
        match self {
            Self::High => Duration::ZERO,
            Self::Normal => Duration::from_secs(30),
            Self::Low => Duration::from_secs(600),
        }
    }
}

/// What a job of a workspace costs the workspace's next one: start-time fair queueing with one weight. A thousand jobs of
/// one workspace reach a quarter of an hour ahead, and another's that comes ten seconds later goes before all but ten.
const SHARE: Duration = Duration::from_secs(1);

/// The turn of a job that may run from `run_at` on. `last` is the latest turn of the workspace's waiting jobs of this
/// priority whose time comes no later; none for a job without a workspace.
#[must_use]
pub fn next_turn(run_at: Timestamp, priority: Priority, last: Option<Timestamp>) -> Timestamp {
    let first = run_at.plus(priority.handicap());
    last.map_or(first, |last| first.max(last.plus(SHARE)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_important_goes_first_until_the_other_has_waited_long_enough() {
        let at = |seconds: i64| Timestamp::from_micros(seconds * 1_000_000);
        let turn = |run_at, priority| next_turn(at(run_at), priority, None);
        assert!(turn(20, Priority::High) < turn(0, Priority::Normal));
        assert!(turn(40, Priority::High) > turn(0, Priority::Normal));
        assert!(turn(0, Priority::Normal) < turn(0, Priority::Low));
    }

    #[test]
    fn a_workspace_that_wants_much_lets_others_in_between() {
        let now = Timestamp::from_micros(0);
        let mut last = None;
        let much: Vec<Timestamp> = (0..100)
            .map(|_| {
                let turn = next_turn(now, Priority::Normal, last);
                last = Some(turn);
                turn
            })
            .collect();
        let other = next_turn(now.plus(Duration::from_secs(10)), Priority::Normal, None);
        assert_eq!(much.iter().filter(|turn| **turn < other).count(), 10);
        assert!(much.is_sorted());
    }
}
