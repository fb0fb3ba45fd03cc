use kernel::Wake;
use tokio::sync::watch;

/// Wakes whoever works in this process after a commit that left work.
#[derive(Debug, Default)]
pub struct Signal(watch::Sender<()>);

impl Signal {
    /// Hears of the commits from now on.
    pub(super) fn ear(&self) -> Ear {
        Ear(self.0.subscribe())
    }
}

impl Wake for Signal {
    fn wake(&self) {
        self.0.send_modify(|()| {});
    }
}

/// Hears of commits.
#[derive(Debug)]
pub(super) struct Ear(watch::Receiver<()>);

impl Ear {
    /// Waits for the next commit; one that came since the last wait is not lost.
    pub(super) async fn woken(&mut self) {
        if self.0.changed().await.is_err() {
            // Nobody commits any more.
            std::future::pending::<()>().await;
        }
    }
}
