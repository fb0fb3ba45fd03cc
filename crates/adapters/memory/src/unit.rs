use crate::store::State;
use kernel::{
    EventOutbox, IdempotencyRecords, JobOutbox, NewEvent, Schedules, StoreError, StoreResult, SystemScope,
    Tx, WorkspaceId, WorkspaceScope,
};
use uuid::Uuid;

/// What a unit may be opened under.
pub(crate) trait Scope: Clone + Send + Sync + 'static {
    /// The tenant whose events the unit tells.
    fn tenant(&self) -> Option<WorkspaceId>;
}

impl Scope for WorkspaceScope {
    fn tenant(&self) -> Option<WorkspaceId> {
        Some(self.workspace())
    }
}

impl Scope for SystemScope {
    fn tenant(&self) -> Option<WorkspaceId> {
        None
    }
}

/// An open unit of work: a copy of the state.
pub(crate) struct Unit<S> {
    pub(crate) state: State,
    pub(crate) scope: S,
    pub(crate) events: Vec<NewEvent>,
    pub(crate) enqueued: bool,
    poison: Option<StoreError>,
}

impl<S: Scope> Unit<S> {
    pub(crate) fn new(state: State, scope: S) -> Self {
        Self { state, scope, events: Vec::new(), enqueued: false, poison: None }
    }

    /// Runs one statement. After a broken rule no other statement runs and the unit can't be committed, as in a
    /// database transaction; a stale version breaks no rule, it just finds no row.
    pub(crate) fn statement<T>(&mut self, run: impl FnOnce(&mut Self) -> StoreResult<T>) -> StoreResult<T> {
        self.healthy()?;
        let result = run(self);
        if let Err(error @ (StoreError::Conflict(_) | StoreError::Dangling(_))) = &result {
            self.poison = Some(error.clone());
        }
        result
    }

    fn healthy(&self) -> StoreResult<()> {
        self.poison.as_ref().map_or(Ok(()), |error| Err(StoreError::Poisoned(error.to_string())))
    }

    /// Whose standing the unit's facts may touch.
    pub(crate) fn standings(&self) -> Vec<Uuid> {
        self.events.iter().filter_map(NewEvent::standing).collect()
    }

    /// The state to keep, and whether jobs were enqueued or facts told.
    pub(crate) fn finish(mut self) -> StoreResult<(State, bool)> {
        self.healthy()?;
        let (tenant, events) = (self.scope.tenant(), std::mem::take(&mut self.events));
        let work_waits = self.enqueued || !events.is_empty();
        self.state.events.append(tenant, events)?;
        Ok((self.state, work_waits))
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
