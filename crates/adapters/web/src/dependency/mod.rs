//! A service that is called, with all that is decided about how.

#[cfg(test)]
mod server;
#[cfg(test)]
mod tests;

use crate::{Again, Breaker, Failed, Unavailable};
use kernel::RetryPolicy;
use reqwest::Client;
use std::time::Duration;

/// A service, its client, and how stubbornly it is called. Made by [`Breakers::dependency`](crate::Breakers::dependency).
#[derive(Clone)]
pub struct Dependency {
    http: Client,
    retry: RetryPolicy,
    breaker: Breaker,
}

/// The call came to nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallError<E> {
    /// Nobody was asked.
    #[error("{0}")]
    Unavailable(Unavailable),
    /// The last attempt failed.
    #[error("{error}")]
    Failed {
        /// How.
        error: E,
        /// When it makes sense again, where the service or its breaker says so.
        retry_after: Option<Duration>,
    },
}

impl<E> CallError<E> {
    /// When it makes sense again, if that is known.
    #[must_use]
    pub const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Unavailable(unavailable) => Some(unavailable.retry_after),
            Self::Failed { retry_after, .. } => *retry_after,
        }
    }
}

impl Dependency {
    pub(crate) const fn new(http: Client, retry: RetryPolicy, breaker: Breaker) -> Self {
        Self { http, retry, breaker }
    }

    /// The client for the requests of an attempt.
    #[must_use]
    pub const fn client(&self) -> &Client {
        &self.http
    }

    /// Makes attempts until one is answered, may not be repeated, or was the last one. Each is let through by the breaker
    /// and told to it. An attempt is bounded by its client's time-outs.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn call<T, E, F>(&self, mut attempt: impl FnMut() -> F) -> Result<T, CallError<E>>
    where
        F: Future<Output = Result<T, Failed<E>>>,
    {
        let mut permit = self.breaker.admit().map_err(CallError::Unavailable)?;
        let mut retries = 0;
        loop {
            let failed = match permit.watch(attempt()).await {
                Ok(answer) => return Ok(answer),
                Err(failed) => failed,
            };
            permit = match self.next(retries, failed.again).await {
                Ok(permit) => permit,
                Err(retry_after) => return Err(CallError::Failed { error: failed.error, retry_after }),
            };
            retries += 1;
        }
    }

    /// Waits for the next attempt; without one it says when the call makes sense again.
    async fn next(&self, retries: u32, again: Again) -> Result<crate::Permit, Option<Duration>> {
        let (asked, breakers) = (again.asked(), &self.breaker.breakers);
        if again == Again::Never {
            return Err(None);
        }
        let wait = self.retry.wait(retries, asked, breakers.jitter()).ok_or(asked)?;
        // Whoever would be refused after the wait is told at once.
        let after = breakers.now().plus(wait);
        if let Some(refusal) = self.breaker.refusal(breakers.now()).filter(|it| it.until > after) {
            return Err(Some(asked.unwrap_or_default().max(refusal.retry_after)));
        }
        let wait_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
        let name = &*self.breaker.inner.name;
        tracing::warn!(dependency.name = name, wait_ms, "a call failed and is repeated");
        breakers.pause(wait).await;
        self.breaker.admit().map_err(|refused| Some(asked.unwrap_or_default().max(refused.retry_after)))
    }
}
