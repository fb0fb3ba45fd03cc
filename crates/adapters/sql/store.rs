use super::unit::{Scope, Unit};
use crate::dialect::{self, Conn};
use async_trait::async_trait;
use diesel_async::pooled_connection::deadpool::Pool;
use kernel::{StoreResult, UnitOfWork, Verdict, Wake, Work};
use std::sync::Arc;

/// The connections, by what they are for. SQLite has one writer and its readers, which serve both scopes; PostgreSQL
/// has the app role's and the system role's.
#[derive(Clone)]
pub(crate) struct Pools {
    pub(crate) tenant_reads: Pool<Conn>,
    pub(crate) tenant_writes: Pool<Conn>,
    pub(crate) system_reads: Pool<Conn>,
    pub(crate) system_writes: Pool<Conn>,
}

/// The store: every repository, reader and unit of work. Clones share its connections.
#[derive(Clone)]
pub struct Store {
    pub(crate) pools: Pools,
    wake: Option<Arc<dyn Wake>>,
}

impl Store {
    pub(crate) fn over(pools: Pools) -> Self {
        Self { pools, wake: None }
    }

    /// Tells `wake` after each commit that enqueued jobs or told facts.
    #[must_use]
    pub fn with_wake(mut self, wake: Arc<dyn Wake>) -> Self {
        self.wake = Some(wake);
        self
    }

    /// Runs `work` over the repositories that `open` shows of the unit, in one transaction.
    pub(crate) async fn run_unit<S: Scope, T: ?Sized + Send>(
        &self,
        scope: &S,
        work: &mut dyn Work<T>,
        open: fn(&mut Unit<S>) -> &mut T,
    ) -> StoreResult<()> {
        let conn = dialect::take(S::writes(&self.pools)).await?;
        let mut unit = Unit::begin(conn, scope.clone()).await?;
        let verdict = work.go(open(&mut unit)).await;
        let work_waits = unit.enqueued || !unit.events.is_empty();
        match verdict {
            Verdict::Rollback => unit.roll_back().await?,
            Verdict::Commit => {
                unit.commit().await?;
                if let (true, Some(wake)) = (work_waits, &self.wake) {
                    wake.wake();
                }
            }
        }
        Ok(())
    }
}

/// For what the adapter itself does in a transaction.
#[async_trait]
impl<S: Scope> UnitOfWork<Unit<S>, S> for Store {
    async fn run_erased(&self, scope: &S, work: &mut dyn Work<Unit<S>>) -> StoreResult<()> {
        self.run_unit(scope, work, |unit| unit).await
    }
}
