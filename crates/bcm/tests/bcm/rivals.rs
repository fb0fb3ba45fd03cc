//! Units of work that are beaten by others.

use async_trait::async_trait;
use bcm::ports::BcmTx;
use kernel::{StoreError, StoreResult, UnitOfWork, Verdict, Work, WorkspaceScope};
use std::sync::atomic::{AtomicU32, Ordering};

/// A store in which the next units find, when they want to commit, that another one was faster.
pub(crate) struct Rivals {
    store: memory::Store,
    left: AtomicU32,
}

impl Rivals {
    pub(crate) fn over(store: memory::Store) -> Self {
        Self { store, left: AtomicU32::new(0) }
    }

    /// The next so many units lose.
    pub(crate) fn win(&self, times: u32) {
        self.left.store(times, Ordering::SeqCst);
    }
}

/// Work that is done and not kept.
struct Beaten<'w>(&'w mut dyn Work<dyn BcmTx>);

#[async_trait]
impl Work<dyn BcmTx> for Beaten<'_> {
    async fn go(&mut self, tx: &mut (dyn BcmTx + 'static)) -> Verdict {
        self.0.go(tx).await;
        Verdict::Rollback
    }
}

#[async_trait]
impl UnitOfWork<dyn BcmTx, WorkspaceScope> for Rivals {
    async fn run_erased(&self, scope: &WorkspaceScope, work: &mut dyn Work<dyn BcmTx>) -> StoreResult<()> {
        let lost = self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        if lost.is_err() {
            return self.store.run_erased(scope, work).await;
        }
        self.store.run_erased(scope, &mut Beaten(work)).await?;
        Err(StoreError::Stale)
    }
}
