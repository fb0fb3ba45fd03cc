//! The locks of one process.

use async_trait::async_trait;
use kernel::{Clock, HeldLock, Locks, LocksAway, Timestamp};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// Locks in the memory of this process.
pub struct LocalLocks {
    clock: Arc<dyn Clock>,
    held: Mutex<State>,
}

#[derive(Default)]
struct State {
    number: u64,
    /// Which holding of each lock is on, and until when.
    held: HashMap<String, (u64, Timestamp)>,
}

impl LocalLocks {
    /// Nobody holds any.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, held: Mutex::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Locks for LocalLocks {
    async fn take(&self, name: &str, at_most: Duration) -> Result<Option<HeldLock>, LocksAway> {
        let now = self.clock.now();
        let mut state = self.state();
        state.held.retain(|_, (_, until)| *until > now);
        if state.held.contains_key(name) {
            return Ok(None);
        }
        state.number += 1;
        let number = state.number;
        state.held.insert(name.to_owned(), (number, now.plus(at_most)));
        Ok(Some(HeldLock { name: name.to_owned(), token: number.to_string() }))
    }

    async fn release(&self, held: &HeldLock) -> Result<(), LocksAway> {
        let mut state = self.state();
        if state.held.get(&held.name).is_some_and(|(number, _)| number.to_string() == held.token) {
            state.held.remove(&held.name);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::testing::ManualClock;

    const MINUTE: Duration = Duration::from_secs(60);

    #[tokio::test]
    async fn one_at_a_time_holds_a_lock_and_only_its_holder_lets_it_go() {
        let clock = Arc::new(ManualClock::at("2026-03-02T09:00:00Z"));
        let locks = LocalLocks::new(clock.clone());
        let first = locks.take("a", MINUTE).await.unwrap().unwrap();
        assert_eq!(locks.take("a", MINUTE).await.unwrap(), None);
        assert!(locks.take("b", MINUTE).await.unwrap().is_some());
        clock.advance(MINUTE);
        let second = locks.take("a", MINUTE).await.unwrap().expect("its time was over");
        locks.release(&first).await.unwrap();
        assert_eq!(locks.take("a", MINUTE).await.unwrap(), None, "it is the second one's");
        locks.release(&second).await.unwrap();
        assert!(locks.take("a", MINUTE).await.unwrap().is_some());
    }
}
