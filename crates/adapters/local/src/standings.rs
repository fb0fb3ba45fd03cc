//! What was read lately of who may come in, and for how long it holds.

use kernel::{Clock, Revocations, Timestamp};
use quick_cache::sync::Cache;
use std::{
    collections::HashMap,
    future::Future,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use uuid::Uuid;

/// How long something read holds when nothing is heard of a change: so long a lost notice can go unnoticed.
const LIFE: Duration = Duration::from_secs(5);

/// Which of the things read still hold.
///
/// Each reading takes a number before it begins, and so does each change that is heard of. A reading holds for five
/// seconds, unless a change of something that it is about has a higher number: a reading that was under way during the
/// change has the lower one, so it can't bring back what was before. Nothing holds while not all changes are heard of.
pub struct Standings {
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    hears: bool,
    number: u64,
    /// Readings up to this number hold no longer, whatever they are about.
    void_to: u64,
    changes: HashMap<Uuid, Change>,
    /// How many changes were left after the last sweep.
    swept: usize,
    latest: Option<Timestamp>,
}

struct Change {
    /// Readings up to this one hold no longer; while the commit is under way, later ones neither.
    void_to: Option<u64>,
    at: Timestamp,
}

/// When something was read.
#[derive(Clone, Copy)]
struct Reading {
    number: u64,
    at: Timestamp,
}

impl State {
    /// Below this, sweeping is not worth it.
    const FEW: usize = 1_024;

    /// A clock that was put back makes old readings young again: then none holds.
    fn now(&mut self, clock: &dyn Clock) -> Timestamp {
        let now = clock.now();
        if self.latest.is_some_and(|latest| now < latest) {
            self.void_to = self.number;
        }
        self.latest = Some(now);
        now
    }

    fn note(&mut self, subjects: &[Uuid], has_ended: bool, at: Timestamp) {
        self.number += 1;
        let void_to = has_ended.then_some(self.number);
        for subject in subjects {
            self.changes.insert(*subject, Change { void_to, at });
        }
        // Readings from before a change that is as old as this are past their own time.
        if self.changes.len() >= 2 * self.swept.max(Self::FEW) {
            self.changes.retain(|_, change| at.since(change.at) <= LIFE);
            self.swept = self.changes.len();
        }
    }

    fn holds(&self, reading: Reading, subjects: &[Uuid], now: Timestamp) -> bool {
        let unchanged = |subject| match self.changes.get(subject) {
            None => true,
            Some(Change { void_to: Some(void_to), .. }) => *void_to < reading.number,
            // A commit that nobody saw the end of has ended one way or the other by then.
            Some(Change { void_to: None, at }) => reading.at.since(*at) > LIFE,
        };
        self.hears
            && reading.number > self.void_to
            && now.since(reading.at) < LIFE
            && subjects.iter().all(unchanged)
    }
}

impl Standings {
    /// Nothing holds until [`Revocations::hears`] says that every change is heard of.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, state: Mutex::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begin_reading(&self) -> Reading {
        let mut state = self.state();
        let at = state.now(self.clock.as_ref());
        state.number += 1;
        Reading { number: state.number, at }
    }

    fn hold(&self, reading: Reading, subjects: &[Uuid]) -> bool {
        let mut state = self.state();
        let now = state.now(self.clock.as_ref());
        state.holds(reading, subjects, now)
    }

    fn note(&self, subjects: &[Uuid], has_ended: bool) {
        let mut state = self.state();
        let now = state.now(self.clock.as_ref());
        state.note(subjects, has_ended, now);
    }
}

impl Revocations for Standings {
    fn changing(&self, subjects: &[Uuid]) {
        self.note(subjects, false);
    }

    fn changed(&self, subjects: &[Uuid]) {
        self.note(subjects, true);
    }

    fn hears(&self, all: bool) {
        let mut state = self.state();
        state.hears = all;
        state.void_to = state.number;
    }
}

/// Things read by key, each about subjects whose changes are heard of.
pub struct Remembered<K, V> {
    standings: Arc<Standings>,
    entries: Cache<K, Entry<V>>,
}

#[derive(Clone)]
struct Entry<V> {
    value: V,
    subjects: Arc<[Uuid]>,
    reading: Reading,
}

impl<K: Eq + Hash, V: Clone> Remembered<K, V> {
    /// Remembers about so many things; those that are seldom asked for go first.
    #[must_use]
    pub fn new(standings: Arc<Standings>, most: usize) -> Self {
        Self { standings, entries: Cache::new(most) }
    }

    /// What was read for the key, when it still holds; else `read`'s answer. That there is nothing is not remembered,
    /// so that whoever is let in need not wait.
    ///
    /// # Errors
    /// Those of `read`.
    pub async fn find<E>(
        &self,
        key: K,
        about: impl FnOnce(&V) -> Vec<Uuid>,
        read: impl Future<Output = Result<Option<V>, E>>,
    ) -> Result<Option<V>, E> {
        if let Some(entry) = self.entries.get(&key)
            && self.standings.hold(entry.reading, &entry.subjects)
        {
            return Ok(Some(entry.value));
        }
        let reading = self.standings.begin_reading();
        let found = read.await?;
        if let Some(value) = &found {
            let subjects = about(value).into();
            self.entries.insert(key, Entry { value: value.clone(), subjects, reading });
        }
        Ok(found)
    }
}

#[cfg(test)]
#[path = "standings_tests.rs"]
mod tests;
