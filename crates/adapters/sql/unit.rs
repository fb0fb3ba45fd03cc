use super::{
    Pools, Uid,
    fail::{answer, is_read_only},
};
use crate::dialect::{self, Conn, ConnPool, Held};
use kernel::{
    EventOutbox, IdempotencyRecords, JobOutbox, NewEvent, Schedules, StoreError, StoreResult, SystemScope,
    Tx, UserScope, WorkspaceId, WorkspaceScope,
};
use uuid::Uuid;

/// What a transaction sees: parsed UUIDs only, so that they may be written into the text of a statement.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Settings {
    pub(crate) workspace: Option<Uuid>,
    /// The person, or the API key: either has idempotency records of its own.
    pub(crate) user: Option<Uuid>,
}

/// When a commit is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Durability {
    /// On the disk: it outlives the machine.
    OnDisk,
    /// Written: it outlives this process, and reaches the disk soon.
    Written,
}

/// A proof that a transaction can be opened under.
pub(crate) trait Scope: Clone + Send + Sync + 'static {
    /// Whether its transactions touch a few rows by their keys: no longer than a trip to another thread takes.
    const IS_SHORT: bool;

    fn settings(&self) -> Settings;
    /// Whose trail the unit's facts belong to, and whose its jobs are.
    fn tenant(&self) -> Option<Uuid> {
        self.settings().workspace
    }
    fn reads(pools: &Pools) -> &ConnPool;
    fn writes(pools: &Pools) -> &ConnPool;
}

impl Scope for WorkspaceScope {
    const IS_SHORT: bool = true;

    fn settings(&self) -> Settings {
        Settings { workspace: Some(self.workspace().uuid()), user: self.actor().id() }
    }

    fn reads(pools: &Pools) -> &ConnPool {
        &pools.tenant_reads
    }

    fn writes(pools: &Pools) -> &ConnPool {
        &pools.tenant_writes
    }
}

impl Scope for UserScope {
    const IS_SHORT: bool = true;

    fn settings(&self) -> Settings {
        Settings { workspace: None, user: Some(self.user().uuid()) }
    }

    fn reads(pools: &Pools) -> &ConnPool {
        &pools.tenant_reads
    }

    fn writes(pools: &Pools) -> &ConnPool {
        &pools.tenant_writes
    }
}

impl Scope for SystemScope {
    /// A sweep may delete thousands of rows.
    const IS_SHORT: bool = false;

    fn settings(&self) -> Settings {
        Settings::default()
    }

    fn reads(pools: &Pools) -> &ConnPool {
        &pools.system_reads
    }

    fn writes(pools: &Pools) -> &ConnPool {
        &pools.system_writes
    }
}

/// The system role at work in one named workspace: on PostgreSQL it can delete no other one's rows.
#[derive(Clone)]
pub(crate) struct InWorkspace(pub(crate) WorkspaceId);

impl Scope for InWorkspace {
    const IS_SHORT: bool = false;

    fn settings(&self) -> Settings {
        Settings { workspace: Some(self.0.uuid()), user: None }
    }

    /// What is told belongs to the platform's trail: a purged workspace's own goes with it.
    fn tenant(&self) -> Option<Uuid> {
        None
    }

    fn reads(pools: &Pools) -> &ConnPool {
        &pools.system_reads
    }

    fn writes(pools: &Pools) -> &ConnPool {
        &pools.system_writes
    }
}

/// One open transaction. Dropped unfinished, it is rolled back and its connection does no harm to the next borrower.
pub(crate) struct Unit<S> {
    conn: Option<Held>,
    pub(crate) scope: S,
    pub(crate) events: Vec<NewEvent>,
    pub(crate) enqueued: bool,
    poison: Option<String>,
}

pub(crate) type TenantUnit = Unit<WorkspaceScope>;
pub(crate) type SystemUnit = Unit<SystemScope>;

impl<S> Drop for Unit<S> {
    fn drop(&mut self) {
        if let Some(conn) = self.conn.take() {
            dialect::abandon(conn);
        }
    }
}

impl<S: Scope> Unit<S> {
    pub(crate) async fn begin(conn: Held, scope: S, durability: Durability) -> StoreResult<Self> {
        let settings = scope.settings();
        let mut unit = Self { conn: Some(conn), scope, events: Vec::new(), enqueued: false, poison: None };
        let begun = dialect::begin(unit.conn()?, settings, durability).await;
        unit.note(begun)?;
        Ok(unit)
    }

    /// The connection, for one statement whose result goes through [`Self::note`].
    ///
    /// After a failed statement there is none: PostgreSQL would refuse every further one, SQLite would keep its rows.
    pub(crate) fn conn(&mut self) -> StoreResult<&mut Conn> {
        if let Some(why) = &self.poison {
            return Err(StoreError::Poisoned(why.clone()));
        }
        self.conn.as_deref_mut().ok_or_else(|| StoreError::Internal("the unit of work is over".to_owned()))
    }

    /// The only way from a database result to a port's answer: nobody can forget the poison.
    pub(crate) fn note<T>(&mut self, result: diesel::QueryResult<T>) -> StoreResult<T> {
        result.map_err(|error| {
            self.poison.get_or_insert_with(|| error.to_string());
            if let (true, Some(conn)) = (is_read_only(&error), &self.conn) {
                dialect::distrust(conn);
            }
            answer(&error)
        })
    }

    /// Writes the facts and commits, telling other processes whose standing it may touch; refuses when a statement has
    /// failed.
    pub(crate) async fn commit(mut self, standings: &[Uuid], log: &dialect::Log) -> StoreResult<()> {
        self.conn()?;
        super::outbox::flush(&mut self).await?;
        let committed = dialect::commit(self.conn()?, standings, log).await;
        self.note(committed)?;
        self.conn.take();
        Ok(())
    }

    /// Forgets what was written. When even that fails the connection is abandoned, which has the same effect.
    pub(crate) async fn roll_back(mut self) -> StoreResult<()> {
        if let Some(conn) = self.conn.as_deref_mut()
            && dialect::rollback(conn).await.is_ok()
        {
            self.conn.take();
        }
        Ok(())
    }
}

impl Unit<WorkspaceScope> {
    pub(crate) fn workspace(&self) -> Uid {
        self.scope.workspace().into()
    }
}

impl<S: Scope> Tx for Unit<S> {
    fn events(&mut self) -> &mut dyn EventOutbox {
        self
    }

    fn jobs(&mut self) -> &mut dyn JobOutbox {
        self
    }

    fn schedules(&mut self) -> &mut dyn Schedules {
        self
    }

    fn idempotency(&mut self) -> &mut dyn IdempotencyRecords {
        self
    }
}
