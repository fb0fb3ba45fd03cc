use super::{
    agents::Books,
    unit::{Durability, Scope, Unit},
};
use crate::dialect::{self, ConnPool};
use async_trait::async_trait;
use kernel::{NewEvent, Revocations, StoreResult, UnitOfWork, Verdict, Wake, Work};
use std::sync::Arc;
use tracing::{Instrument, Span};
use uuid::Uuid;

/// The connections, by what they are for. SQLite has one writer and its readers, which serve both scopes; PostgreSQL
/// has the app role's and the system role's.
#[derive(Clone)]
pub(crate) struct Pools {
    pub(crate) tenant_reads: ConnPool,
    pub(crate) tenant_writes: ConnPool,
    pub(crate) system_reads: ConnPool,
    pub(crate) system_writes: ConnPool,
    pub(crate) log: dialect::Log,
}

/// The store: every repository, reader and unit of work. Clones share its connections.
#[derive(Clone)]
pub struct Store {
    pub(crate) pools: Pools,
    pub(crate) books: Books,
    wake: Option<Arc<dyn Wake>>,
    revocations: Option<Arc<dyn Revocations>>,
}

/// A span of what the database is asked for; nobody has it unless traces are exported.
pub(crate) fn span(name: &'static str) -> Span {
    tracing::debug_span!(target: "db", "db", otel.kind = "client", otel.name = name, db.system.name = dialect::NAME)
}

impl Store {
    pub(crate) fn over(pools: Pools) -> Self {
        Self { pools, books: Books::default(), wake: None, revocations: None }
    }

    /// Tells `wake` after each commit that enqueued jobs or told facts.
    #[must_use]
    pub fn with_wake(mut self, wake: Arc<dyn Wake>) -> Self {
        self.wake = Some(wake);
        self
    }

    /// Tells `revocations` of each commit of this process that may change somebody's standing.
    #[must_use]
    pub fn with_revocations(mut self, revocations: Arc<dyn Revocations>) -> Self {
        if dialect::IS_ALONE {
            revocations.hears(true);
        }
        self.revocations = Some(revocations);
        self
    }

    /// Commits, and tells what may be remembered of the people concerned: of a commit that fails, or whose caller goes
    /// away, nobody knows whether it was one, so its end is not told.
    async fn commit<S: Scope>(&self, unit: Unit<S>, durability: Durability) -> StoreResult<()> {
        let standings: Vec<Uuid> = unit.events.iter().filter_map(NewEvent::standing).collect();
        let told = self.revocations.as_deref().filter(|_| !standings.is_empty());
        if let Some(revocations) = told {
            revocations.changing(&standings);
        }
        unit.commit(&standings, &self.pools.log).await?;
        self.pools.log.ended(durability, &self.pools).await?;
        if let Some(revocations) = told {
            revocations.changed(&standings);
        }
        Ok(())
    }

    /// Runs `work` over the repositories that `open` shows of the unit, in one transaction.
    pub(crate) async fn run_unit<S: Scope, T: ?Sized + Send>(
        &self,
        scope: &S,
        work: &mut dyn Work<T>,
        open: fn(&mut Unit<S>) -> &mut T,
    ) -> StoreResult<()> {
        self.in_transaction(Durability::OnDisk, scope, work, open).instrument(span("db.unit")).await
    }

    async fn in_transaction<S: Scope, T: ?Sized + Send>(
        &self,
        durability: Durability,
        scope: &S,
        work: &mut dyn Work<T>,
        open: fn(&mut Unit<S>) -> &mut T,
    ) -> StoreResult<()> {
        let conn = dialect::take(S::writes(&self.pools)).await?;
        let unit = Unit::begin(conn, scope.clone(), durability).await?;
        dialect::on_its_way(S::IS_SHORT, self.finish(durability, unit, work, open)).await
    }

    async fn finish<S: Scope, T: ?Sized + Send>(
        &self,
        durability: Durability,
        mut unit: Unit<S>,
        work: &mut dyn Work<T>,
        open: fn(&mut Unit<S>) -> &mut T,
    ) -> StoreResult<()> {
        let verdict = work.go(open(&mut unit)).await;
        let work_waits = unit.enqueued || !unit.events.is_empty();
        match verdict {
            Verdict::Rollback => {
                unit.roll_back().await?;
                if durability == Durability::OnDisk {
                    // It may be refused for what another one has written a moment ago.
                    self.pools.log.on_disk().await?;
                }
            }
            Verdict::Commit => {
                self.commit(unit, durability).await?;
                if let (true, Some(wake)) = (work_waits, &self.wake) {
                    wake.wake();
                }
            }
        }
        Ok(())
    }
}

/// A store whose commits are done as soon as they are written.
pub(crate) struct Written<'s>(pub(crate) &'s Store);

#[async_trait]
impl<S: Scope> UnitOfWork<Unit<S>, S> for Written<'_> {
    async fn run_erased(&self, scope: &S, work: &mut dyn Work<Unit<S>>) -> StoreResult<()> {
        let done = self.0.in_transaction(Durability::Written, scope, work, |unit| unit);
        done.instrument(span("db.unit")).await
    }
}

/// For what the adapter itself does in a transaction.
#[async_trait]
impl<S: Scope> UnitOfWork<Unit<S>, S> for Store {
    async fn run_erased(&self, scope: &S, work: &mut dyn Work<Unit<S>>) -> StoreResult<()> {
        self.run_unit(scope, work, |unit| unit).await
    }
}
