use crate::unit::{Scope, Unit};
use kernel::{Revocations, StoreError, StoreResult, Verdict, Wake, Work, WorkerNote};
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use tokio::sync::{Mutex, MutexGuard};

/// Every table.
#[derive(Clone, Default)]
pub(crate) struct State {
    pub(crate) agents: crate::agents::State,
    pub(crate) api_keys: crate::api_keys::State,
    pub(crate) bcm: crate::bcm::State,
    pub(crate) budgets: crate::budgets::State,
    pub(crate) provider_keys: crate::provider_keys::State,
    pub(crate) campaign: crate::campaign::State,
    pub(crate) events: crate::events::State,
    pub(crate) idempotency: crate::idempotency::State,
    pub(crate) identity: crate::identity::State,
    pub(crate) jobs: crate::jobs::State,
    pub(crate) ledger: crate::ledger::State,
    pub(crate) schedules: crate::schedules::State,
    pub(crate) workers: BTreeMap<String, WorkerNote>,
    pub(crate) workspace: crate::workspace::State,
}

/// The store. Clones share it.
#[derive(Clone, Default)]
pub struct Store {
    state: Arc<Mutex<State>>,
    wake: Option<Arc<dyn Wake>>,
    revocations: Option<Arc<dyn Revocations>>,
}

/// How long a unit waits for the one before it, as the SQL stores wait for a connection.
const PATIENCE: Duration = Duration::from_secs(10);

impl Store {
    /// Tells `wake` after each commit that enqueued jobs or told facts.
    #[must_use]
    pub fn with_wake(mut self, wake: Arc<dyn Wake>) -> Self {
        self.wake = Some(wake);
        self
    }

    /// Tells `revocations` of each commit that may change somebody's standing. There are no other stores' to hear of.
    #[must_use]
    pub fn with_revocations(mut self, revocations: Arc<dyn Revocations>) -> Self {
        revocations.hears(true);
        self.revocations = Some(revocations);
        self
    }

    /// Tells that there is work.
    pub(crate) fn wake(&self) {
        if let Some(wake) = &self.wake {
            wake.wake();
        }
    }

    pub(crate) async fn state(&self) -> StoreResult<MutexGuard<'_, State>> {
        let waited = tokio::time::timeout(PATIENCE, self.state.lock()).await;
        waited.map_err(|_| StoreError::Unavailable("another unit of work does not end".to_owned()))
    }

    /// A unit of work over the repositories that `open` shows of it.
    pub(crate) async fn run_unit<S: Scope, T: ?Sized + Send>(
        &self,
        scope: &S,
        work: &mut dyn Work<T>,
        open: fn(&mut Unit<S>) -> &mut T,
    ) -> StoreResult<()> {
        let mut state = self.state().await?;
        let mut unit = Unit::new(state.clone(), scope.clone());
        if work.go(open(&mut unit)).await == Verdict::Rollback {
            return Ok(());
        }
        let standings = unit.standings();
        let told = self.revocations.as_deref().filter(|_| !standings.is_empty());
        if let Some(revocations) = told {
            revocations.changing(&standings);
        }
        let (after, work_waits) = unit.finish()?;
        *state = after;
        drop(state);
        if let Some(revocations) = told {
            revocations.changed(&standings);
        }
        if work_waits {
            self.wake();
        }
        Ok(())
    }
}
