//! Waiting between attempts.

use async_trait::async_trait;
use std::time::Duration;

/// Waits before an attempt is repeated; tests wait by moving their clock.
#[async_trait]
pub trait Pause: Send + Sync {
    /// Waits so long.
    async fn pause(&self, wait: Duration);
}

/// Waits in real time.
pub(crate) struct RealTime;

#[async_trait]
impl Pause for RealTime {
    #[expect(clippy::disallowed_methods, reason = "a backoff has nothing to wait for but time")]
    async fn pause(&self, wait: Duration) {
        tokio::time::sleep(wait).await;
    }
}
