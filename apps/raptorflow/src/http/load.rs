//! How many requests are answered at once. One more is refused at its head, before anything is read, looked up or waited
//! for: what is in memory at a time is bounded by this number times the largest body.

use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Admits requests, while there are not too many.
#[derive(Debug, Clone)]
pub struct Load(Arc<Semaphore>);

impl Load {
    /// At most so many at once.
    #[must_use]
    pub fn of(most: usize) -> Self {
        Self(Arc::new(Semaphore::new(most.min(Semaphore::MAX_PERMITS))))
    }

    /// Lets a request in until the answer is dropped; `None` when it must be refused. Who asks how the service does is
    /// always let in: a server under load is neither dead nor to be restarted.
    pub(super) fn admit(&self, route: &str) -> Option<Admitted> {
        if route.starts_with("/health") || route == "/metrics" {
            return Some(Admitted(None));
        }
        Arc::clone(&self.0).try_acquire_owned().ok().map(|permit| Admitted(Some(permit)))
    }
}

/// A request that was let in.
#[must_use]
pub(super) struct Admitted(#[expect(dead_code, reason = "is held, not read")] Option<OwnedSemaphorePermit>);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_are_let_in_at_once_and_who_asks_after_the_health_always_is() {
        let load = Load::of(2);
        let first = load.admit("/api/v1/moves");
        let second = load.clone().admit("(no route)");
        assert!(first.is_some() && second.is_some());
        assert!(load.admit("/api/v1/moves").is_none());
        for route in ["/health", "/health/live", "/health/ready", "/health/detailed", "/metrics"] {
            assert!(load.admit(route).is_some(), "{route}");
        }
        drop(first);
        assert!(load.admit("/api/v1/moves").is_some());
    }
}
