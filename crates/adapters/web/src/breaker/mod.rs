//! Leaving a dependency alone that is down.

mod memory;
mod state;
#[cfg(test)]
mod tests;

pub use state::{BreakerInput, BreakerState};

use crate::{Breakers, CallError, Failed};
use kernel::Timestamp;
use memory::Memory;
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// When a dependency is left alone, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BreakerPolicy {
    /// Attempts that fail one after the other, without an answer between them, until it opens.
    pub failures: u32,
    /// How long nobody is called then, and after each probe that fails.
    pub wait: Duration,
}

impl BreakerPolicy {
    /// Five failures in a row, half a minute of rest.
    ///
    /// A row of failures, as in "Release It!", and no rate over a window, as resilience4j's default is: our dependencies
    /// see few calls, of which a window would take minutes to fill. What fails now and then is what retries are for.
    pub const USUAL: Self = Self { failures: 5, wait: Duration::from_secs(30) };
    /// Never opens.
    pub const NEVER: Self = Self { failures: u32::MAX, wait: Duration::ZERO };
}

/// The call was not made: the dependency is down and is left alone until then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{dependency} is unavailable until {until}: its last calls failed")]
pub struct Unavailable {
    /// The breaker's name.
    pub dependency: Arc<str>,
    /// When a call makes sense again.
    pub until: Timestamp,
    /// How long that is from now.
    pub retry_after: Duration,
}

/// The breaker of one dependency, made by [`Breakers::breaker`]. Clones are the same one.
#[derive(Clone)]
pub struct Breaker {
    pub(crate) breakers: Breakers,
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) name: Arc<str>,
    memory: Mutex<Memory>,
}

impl Inner {
    pub(crate) fn new(name: &str, policy: BreakerPolicy, now: Timestamp) -> Self {
        Self { name: name.into(), memory: Mutex::new(Memory::new(policy, now)) }
    }

    pub(crate) fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Breaker {
    /// Lets a call through. Its result MUST be told to the permit; a permit that is dropped says that there was none.
    ///
    /// # Errors
    /// [`Unavailable`].
    pub fn admit(&self) -> Result<Permit, Unavailable> {
        self.breakers.refresh();
        let now = self.breakers.now();
        let asked = self.inner.memory().ask(now);
        match asked {
            Ok(epoch) => Ok(Permit { breaker: self.clone(), epoch: Some(epoch) }),
            Err(until) => Err(self.unavailable(until, now)),
        }
    }

    /// One call under the breaker, without retries.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn call<T, E>(
        &self,
        attempt: impl Future<Output = Result<T, Failed<E>>>,
    ) -> Result<T, CallError<E>> {
        let permit = self.admit().map_err(CallError::Unavailable)?;
        permit
            .watch(attempt)
            .await
            .map_err(|failed| CallError::Failed { retry_after: failed.again.asked(), error: failed.error })
    }

    /// What a call would be refused with now.
    pub(crate) fn refusal(&self, now: Timestamp) -> Option<Unavailable> {
        let until = self.inner.memory().refusal(now)?;
        Some(self.unavailable(until, now))
    }

    fn unavailable(&self, until: Timestamp, now: Timestamp) -> Unavailable {
        Unavailable { dependency: self.inner.name.clone(), until, retry_after: until.since(now) }
    }

    fn settle(&self, epoch: u64, is_answered: bool) {
        let now = self.breakers.now();
        let (changed, until, failures) = {
            let mut memory = self.inner.memory();
            let changed = if is_answered { memory.succeeded(epoch, now) } else { memory.failed(epoch, now) };
            (changed, memory.until, memory.failures)
        };
        if !changed {
            return;
        }
        let name = &*self.inner.name;
        if is_answered {
            tracing::info!(dependency.name = name, "a dependency answers again");
        } else {
            tracing::warn!(
                dependency.name = name,
                dependency.failures = failures,
                retry_at = %until,
                "a dependency is down and is left alone"
            );
        }
        self.breakers.publish(&self.inner);
    }
}

/// Leave to make one call.
#[must_use = "a permit that is dropped says that its call had no result"]
pub struct Permit {
    breaker: Breaker,
    /// `None` once the result was told.
    epoch: Option<u64>,
}

impl Permit {
    /// The dependency answered, be it with a no.
    pub fn answered(mut self) {
        self.settle(true);
    }

    /// The dependency seems to be down.
    pub fn failed(mut self) {
        self.settle(false);
    }

    /// Makes the call and tells its result.
    pub(crate) async fn watch<T, E>(
        self,
        attempt: impl Future<Output = Result<T, Failed<E>>>,
    ) -> Result<T, Failed<E>> {
        let result = attempt.await;
        match &result {
            Err(failed) if failed.is_down => self.failed(),
            Ok(_) | Err(_) => self.answered(),
        }
        result
    }

    fn settle(&mut self, is_answered: bool) {
        if let Some(epoch) = self.epoch.take() {
            self.breaker.settle(epoch, is_answered);
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if let Some(epoch) = self.epoch.take() {
            let now = self.breaker.breakers.now();
            self.breaker.inner.memory().abandoned(epoch, now);
        }
    }
}
