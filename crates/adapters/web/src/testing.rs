//! Waits that are noted instead of waited for.

use crate::Breakers;
use async_trait::async_trait;
use kernel::{NoRandomness, Pause, Randomness, testing::ManualClock};
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// Moves the clock by each wait, and notes it.
pub struct NotedPauses {
    clock: Arc<ManualClock>,
    noted: Mutex<Vec<Duration>>,
}

impl NotedPauses {
    /// The waits so far.
    #[must_use]
    pub fn noted(&self) -> Vec<Duration> {
        self.noted.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[async_trait]
impl Pause for NotedPauses {
    async fn pause(&self, wait: Duration) {
        self.clock.advance(wait);
        self.noted.lock().unwrap_or_else(PoisonError::into_inner).push(wait);
    }
}

/// A die that always falls the same: without jitter.
struct NoJitter;

impl Randomness for NoJitter {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), NoRandomness> {
        buffer.fill(0);
        Ok(())
    }
}

/// Breakers on this clock, without jitter and without waiting.
#[must_use]
pub fn breakers(clock: &Arc<ManualClock>) -> (Breakers, Arc<NotedPauses>) {
    let pauses = Arc::new(NotedPauses { clock: clock.clone(), noted: Mutex::default() });
    (Breakers::new(clock.clone(), Arc::new(NoJitter)).with_pause(pauses.clone()), pauses)
}
