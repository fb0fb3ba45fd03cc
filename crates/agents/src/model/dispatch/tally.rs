use super::{CallEnd, Operation, Provider, Usage};
use kernel::{Date, PicoUsd};
use std::time::Duration;

/// Calls of a month that have ended and have this in common, counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallGroup {
    /// The day on which they began, in UTC.
    pub day: Date,
    /// What was asked for.
    pub operation: Operation,
    /// Who was asked last.
    pub provider: Provider,
    /// Which model, by the catalogue's id.
    pub model: String,
    /// How they ended.
    pub end: CallEnd,
    /// What they come to.
    pub sums: CallSums,
}

/// What calls come to, each added up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CallSums {
    /// How many.
    pub calls: u64,
    /// How often somebody was asked for them.
    pub attempts: u64,
    /// Of how many usage and cost are our own estimate.
    pub estimated: u64,
    /// What they took.
    pub usage: Usage,
    /// What they cost.
    pub cost: PicoUsd,
    /// What the cache saved.
    pub saved: PicoUsd,
    /// From their beginnings to their ends.
    pub latency: Duration,
}

impl CallSums {
    /// Both together.
    #[must_use]
    pub fn plus(&self, more: &Self) -> Self {
        let money = |one: PicoUsd, other| one.checked_add(other).unwrap_or(PicoUsd::new(i64::MAX));
        Self {
            calls: self.calls.saturating_add(more.calls),
            attempts: self.attempts.saturating_add(more.attempts),
            estimated: self.estimated.saturating_add(more.estimated),
            usage: self.usage.plus(&more.usage),
            cost: money(self.cost, more.cost),
            saved: money(self.saved, more.saved),
            latency: self.latency.saturating_add(more.latency),
        }
    }
}

/// What calls come to, and how they ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CallTally {
    /// All of them.
    pub sums: CallSums,
    /// Those that a model answered.
    pub answered: u64,
    /// Those that our own cache answered.
    pub cached: u64,
    /// Those that nobody answered.
    pub failed: u64,
    /// Those whose caller went away.
    pub cancelled: u64,
    /// Those whose process died.
    pub lost: u64,
}

impl CallTally {
    /// With these calls, too.
    pub fn add(&mut self, group: &CallGroup) {
        self.sums = self.sums.plus(&group.sums);
        let ended = match group.end {
            CallEnd::Answered(_) => &mut self.answered,
            CallEnd::Cached(_) => &mut self.cached,
            CallEnd::Failed(_) => &mut self.failed,
            CallEnd::Cancelled => &mut self.cancelled,
            CallEnd::Lost => &mut self.lost,
        };
        *ended = ended.saturating_add(group.sums.calls);
    }

    /// How long one took, from its beginning to its end.
    #[must_use]
    pub fn mean_latency(&self) -> Duration {
        let micros = self.sums.latency.as_micros() / u128::from(self.sums.calls.max(1));
        Duration::from_micros(u64::try_from(micros).unwrap_or(u64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dispatch::{FailureKind, Finish};

    #[test]
    fn every_call_is_counted_once_by_its_end() {
        let group = |end, calls| CallGroup {
            day: "2026-11-26".parse().unwrap(),
            operation: Operation::Generate,
            provider: Provider::OpenAi,
            model: "gpt-6-luna".to_owned(),
            end,
            sums: CallSums {
                calls,
                cost: PicoUsd::new(7),
                latency: Duration::from_millis(30),
                ..CallSums::default()
            },
        };
        let ends = [
            CallEnd::Answered(Finish::Stop),
            CallEnd::Cached(Finish::Stop),
            CallEnd::Failed(FailureKind::TimedOut),
            CallEnd::Cancelled,
            CallEnd::Lost,
        ];
        let mut tally = CallTally::default();
        for (end, calls) in ends.into_iter().zip(1..) {
            tally.add(&group(end, calls));
        }
        let by_end = [tally.answered, tally.cached, tally.failed, tally.cancelled, tally.lost];
        assert_eq!((by_end, tally.sums.calls, tally.sums.cost), ([1, 2, 3, 4, 5], 15, PicoUsd::new(35)));
        assert_eq!(tally.mean_latency(), Duration::from_millis(10));
        assert_eq!(CallTally::default().mean_latency(), Duration::ZERO);
    }
}
