//! Ids and random bytes, behind ports so that tests can repeat a run.

use crate::Clock;
use std::sync::{Arc, Mutex, PoisonError};
use uuid::Uuid;

/// Mints ids.
pub trait IdGenerator: Send + Sync {
    /// A fresh UUIDv7 whose time is the clock's.
    fn uuid(&self) -> Uuid;
}

/// Gives unguessable bytes, for tokens and keys.
pub trait Randomness: Send + Sync {
    /// Fills the buffer.
    ///
    /// # Errors
    /// [`NoRandomness`] when the operating system has none to give; nothing secret may then be made.
    fn fill(&self, buffer: &mut [u8]) -> Result<(), NoRandomness>;
}

/// The operating system gave no random bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the operating system gave no random bytes")]
pub struct NoRandomness;

/// The operating system's randomness.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemRandomness;

impl Randomness for SystemRandomness {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that asks the operating system for randomness"
    )]
    fn fill(&self, buffer: &mut [u8]) -> Result<(), NoRandomness> {
        getrandom::fill(buffer).map_err(|_| NoRandomness)
    }
}

/// UUIDv7 ids made of a clock and 74 random bits.
///
/// A process-wide counter would order ids of one millisecond; ours are ordered by the millisecond only, which is
/// what the lists need: their sort key is the id, and it is total.
#[derive(Clone)]
pub struct TimeOrderedIds {
    clock: Arc<dyn Clock>,
    randomness: Arc<dyn Randomness>,
    kept: Arc<Mutex<Kept>>,
}

/// The random part of one id.
type Part = [u8; 10];

/// Random bytes for the next ids: each request has an id, and would ask the operating system once for each.
#[derive(Default)]
struct Kept(Vec<Part>);

impl Kept {
    const AT_ONCE: usize = 64;

    fn next(&mut self, randomness: &dyn Randomness) -> Part {
        if self.0.is_empty() {
            let mut bytes = [0; Self::AT_ONCE * size_of::<Part>()];
            // Without randomness ids of one millisecond would collide, and the stores' unique keys refuse those.
            let _ = randomness.fill(&mut bytes);
            self.0.extend(bytes.as_chunks().0);
        }
        self.0.pop().unwrap_or_default()
    }
}

impl TimeOrderedIds {
    /// Ids stamped by `clock`.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>, randomness: Arc<dyn Randomness>) -> Self {
        Self { clock, randomness, kept: Arc::default() }
    }
}

impl IdGenerator for TimeOrderedIds {
    fn uuid(&self) -> Uuid {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let random = kept.next(&*self.randomness);
        drop(kept);
        let millis = u64::try_from(self.clock.now().micros().div_euclid(1_000)).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
    }
}

/// What a service needs to know of the world beside its stores.
#[derive(Clone)]
pub struct Environment {
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Mints ids.
    pub ids: Arc<dyn IdGenerator>,
}

impl Environment {
    /// The machine's clock and randomness.
    #[must_use]
    pub fn system() -> Self {
        let clock: Arc<dyn Clock> = Arc::new(crate::SystemClock);
        let ids = Arc::new(TimeOrderedIds::new(Arc::clone(&clock), Arc::new(SystemRandomness)));
        Self { clock, ids }
    }

    /// Mints a typed id.
    pub fn id<T: From<Uuid>>(&self) -> T {
        self.ids.uuid().into()
    }

    /// The present instant.
    #[must_use]
    pub fn now(&self) -> crate::Timestamp {
        self.clock.now()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_version_seven_unique_and_sort_by_time() {
        let env = Environment::system();
        let ids: std::collections::BTreeSet<Uuid> = (0..1_000).map(|_| env.ids.uuid()).collect();
        assert_eq!(ids.len(), 1_000);
        assert!(ids.iter().all(|id| id.get_version_num() == 7));
    }
}
