//! What a breaker knows, and what it makes of what it hears. It has no clock: every method is told the time.

use super::{BreakerInput, BreakerPolicy, BreakerState};
use kernel::{BreakerNote, Timestamp};
use std::time::Duration;

/// While a probe is on its way nobody knows when it comes back.
const WHILE_PROBED: Duration = Duration::from_secs(1);

/// The state of one breaker.
#[derive(Debug, Clone)]
pub(crate) struct Memory {
    policy: BreakerPolicy,
    pub(crate) state: BreakerState,
    /// When it came into the state.
    pub(crate) since: Timestamp,
    /// Until when it is open.
    pub(crate) until: Timestamp,
    /// When that was decided: never longer than a wait before it.
    pub(super) decided: Timestamp,
    /// Failures since the last call that was answered.
    pub(crate) failures: u32,
    /// This process has seen the failures that opened it.
    pub(crate) is_own: bool,
    /// Counts the changes of state: a result of a call that began before the last one says nothing.
    epoch: u64,
    /// When a call was answered last.
    answered: Option<Timestamp>,
}

impl Memory {
    pub(crate) const fn new(policy: BreakerPolicy, now: Timestamp) -> Self {
        Self {
            policy,
            state: BreakerState::Closed,
            since: now,
            until: now,
            decided: now,
            failures: 0,
            is_own: false,
            epoch: 0,
            answered: None,
        }
    }

    /// Lets a call through, or says until when not.
    pub(crate) fn ask(&mut self, now: Timestamp) -> Result<u64, Timestamp> {
        match self.refusal(now) {
            Some(until) => Err(until),
            None => {
                // Of a closed one it changes nothing.
                self.go(BreakerInput::Probe, now);
                Ok(self.epoch)
            }
        }
    }

    /// Until when a call would be refused.
    pub(crate) fn refusal(&self, now: Timestamp) -> Option<Timestamp> {
        // A clock that was put back must not keep it open for as long.
        let is_over = now >= self.until || now < self.decided;
        match self.state {
            BreakerState::Open if !is_over => Some(self.until),
            BreakerState::Closed | BreakerState::Open => None,
            BreakerState::HalfOpen => Some(now.plus(WHILE_PROBED)),
        }
    }

    /// How it is for who looks at it: when its wait is over the next call is a probe, though nobody has called yet.
    pub(crate) fn seen(&self, now: Timestamp) -> BreakerState {
        match self.state {
            BreakerState::Open if self.refusal(now).is_none() => BreakerState::HalfOpen,
            state => state,
        }
    }

    /// A call of this epoch was answered. Whether that changed the state.
    pub(crate) fn succeeded(&mut self, epoch: u64, now: Timestamp) -> bool {
        if epoch != self.epoch {
            return false;
        }
        (self.failures, self.answered) = (0, Some(now));
        self.go(BreakerInput::Recover, now)
    }

    /// A call of this epoch failed. Whether that changed the state.
    pub(crate) fn failed(&mut self, epoch: u64, now: Timestamp) -> bool {
        if epoch != self.epoch {
            return false;
        }
        self.failures = self.failures.saturating_add(1);
        let input = match self.state {
            BreakerState::HalfOpen => BreakerInput::Relapse,
            _ if self.failures >= self.policy.failures => BreakerInput::Trip,
            _ => return false,
        };
        let changed = self.go(input, now);
        if changed {
            self.wait(now.plus(self.policy.wait), now, true);
        }
        changed
    }

    /// A call of this epoch ended without a result. A probe may follow at once.
    pub(crate) fn abandoned(&mut self, epoch: u64, now: Timestamp) {
        if epoch == self.epoch && self.go(BreakerInput::Abandon, now) {
            self.wait(now, now, true);
        }
    }

    /// Another process has found the dependency down: it is left alone for the rest of that wait, and never for longer
    /// than a wait of our own, whatever the other's clock says. Older notes than our last answer are old news: the dependency
    /// is there, and who can't reach it is at fault itself.
    pub(crate) fn told(&mut self, note: &BreakerNote, now: Timestamp) -> bool {
        let is_news = note.until > now && self.answered.is_none_or(|answered| note.since > answered);
        let until = note.until.min(now.plus(self.policy.wait));
        let was = self.state;
        if !is_news || (was == BreakerState::Open && self.until >= until) || !self.go(BreakerInput::Trip, now)
        {
            return false;
        }
        self.wait(until, now, false);
        was != self.state
    }

    fn wait(&mut self, until: Timestamp, now: Timestamp, is_own: bool) {
        (self.until, self.decided, self.is_own) = (until, now, is_own);
    }

    fn go(&mut self, input: BreakerInput, now: Timestamp) -> bool {
        let Some(next) = self.state.transition(input) else { return false };
        if next != self.state {
            (self.state, self.since) = (next, now);
            self.epoch += 1;
        }
        true
    }
}
