use kernel::{Cache, CacheAway, CacheKey, Cached, HeldLock, Locks};
use std::{sync::Arc, time::Duration};
use tokio::{runtime::Handle, time::Instant};

/// Takes turns with other processes. A lost lock costs that a thing is made twice.
pub(super) struct Turn {
    pub(super) locks: Arc<dyn Locks>,
    pub(super) patience: Duration,
}

/// Between two looks for what another process makes.
const LOOK: Duration = Duration::from_millis(50);

/// Holding the lock, which is let go with this.
pub(super) struct Mine {
    locks: Arc<dyn Locks>,
    held: HeldLock,
}

impl Turn {
    /// Waits until it is this process's turn, or the thing is there, which `found` then says. `None` is the end of all
    /// patience, and locks that are away.
    pub(super) async fn wait(
        &self,
        cache: &dyn Cache,
        key: &CacheKey,
        found: &mut Result<Cached, CacheAway>,
    ) -> Option<Mine> {
        let name = format!("making:{key}");
        let over = Instant::now() + self.patience;
        let mut looks = tokio::time::interval(LOOK);
        looks.tick().await;
        loop {
            match self.locks.take(&name, self.patience).await {
                Ok(None) => {}
                Ok(Some(held)) => {
                    let mine = Mine { locks: self.locks.clone(), held };
                    // Whoever had the lock before may have made it since the last look.
                    *found = cache.look(key).await;
                    return matches!(found, Ok(Cached::Nothing(_))).then_some(mine);
                }
                Err(_) => return None,
            }
            if Instant::now() >= over {
                return None;
            }
            looks.tick().await;
            *found = cache.look(key).await;
            if !matches!(found, Ok(Cached::Nothing(_))) {
                return None;
            }
        }
    }
}

impl Drop for Mine {
    fn drop(&mut self) {
        // Without a runtime its time runs out.
        let Ok(runtime) = Handle::try_current() else { return };
        let (locks, held) = (self.locks.clone(), self.held.clone());
        runtime.spawn(async move {
            if let Err(error) = locks.release(&held).await {
                tracing::debug!(%error, "a lock was not let go; its time runs out");
            }
        });
    }
}
