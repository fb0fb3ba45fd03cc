//! How a process learns that it is to end.

#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Interrupt and termination, heard from the moment this is made: one that comes while nobody waits for it is not lost, and
/// does not end the process in the midst of its work.
pub(super) struct Ending {
    #[cfg(unix)]
    interrupt: Signal,
    #[cfg(unix)]
    terminate: Signal,
}

impl Ending {
    /// Listens from now on.
    pub(super) fn listen() -> std::io::Result<Self> {
        Ok(Self {
            #[cfg(unix)]
            interrupt: signal(SignalKind::interrupt())?,
            #[cfg(unix)]
            terminate: signal(SignalKind::terminate())?,
        })
    }

    /// Returns once the process has been told to end.
    #[cfg(unix)]
    pub(super) async fn told(&mut self) -> std::io::Result<()> {
        tokio::select! {
            _ = self.interrupt.recv() => Ok(()),
            _ = self.terminate.recv() => Ok(()),
        }
    }

    /// Returns once the process has been told to end.
    #[cfg(not(unix))]
    pub(super) async fn told(&mut self) -> std::io::Result<()> {
        tokio::signal::ctrl_c().await
    }
}
