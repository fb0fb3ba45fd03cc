use kernel::Wake;
use tokio::sync::Notify;

/// Wakes the worker of this process after a commit that left work.
#[derive(Debug, Default)]
pub struct Signal(Notify);

impl Signal {
    /// Waits for the next signal; one that came since the last wait is not lost.
    pub(super) async fn woken(&self) {
        self.0.notified().await;
    }
}

impl Wake for Signal {
    fn wake(&self) {
        self.0.notify_one();
    }
}
