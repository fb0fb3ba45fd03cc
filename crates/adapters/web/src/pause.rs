//! Waiting between attempts.

use async_trait::async_trait;
use kernel::Pause;
use std::time::Duration;

/// Waits in real time.
#[derive(Debug, Clone, Copy, Default)]
pub struct RealTime;

#[async_trait]
impl Pause for RealTime {
    #[expect(clippy::disallowed_methods, reason = "a backoff has nothing to wait for but time")]
    async fn pause(&self, wait: Duration) {
        tokio::time::sleep(wait).await;
    }
}
