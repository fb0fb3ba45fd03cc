use campaign::ports::{CampaignReader, CampaignTx, CampaignUow, DailyWinReader, MoveReader};
use kernel::{
    CallContext, Environment, EventReader, JobQueue, RelayTx, RelayUow, Role, SystemScope, UnitOfWork,
    WorkspaceScope, testing::ManualClock,
};
use std::sync::Arc;

/// A store, seen as every port it implements, with an environment of its own.
#[derive(Clone)]
pub struct Stores {
    pub campaign: Arc<CampaignUow>,
    pub campaigns: Arc<dyn CampaignReader>,
    pub moves: Arc<dyn MoveReader>,
    pub daily_wins: Arc<dyn DailyWinReader>,
    pub events: Arc<dyn EventReader>,
    pub jobs: Arc<dyn JobQueue>,
    pub relay: Arc<RelayUow>,
    pub env: Environment,
    pub clock: Arc<ManualClock>,
}

/// Somebody at work in a workspace of their own.
pub struct Tenant {
    pub scope: WorkspaceScope,
    pub ctx: CallContext,
}

impl Stores {
    /// All ports of one store.
    pub fn of<S>(store: S) -> Self
    where
        S: UnitOfWork<dyn CampaignTx, WorkspaceScope>
            + UnitOfWork<dyn RelayTx, SystemScope>
            + CampaignReader
            + MoveReader
            + DailyWinReader
            + EventReader
            + JobQueue
            + 'static,
    {
        let store = Arc::new(store);
        let clock = Arc::new(ManualClock::at("2026-03-02T09:00:00Z"));
        let ids = kernel::TimeOrderedIds::new(clock.clone(), Arc::new(kernel::SystemRandomness));
        let env = Environment { clock: clock.clone(), ids: Arc::new(ids) };
        Self {
            campaign: store.clone(),
            campaigns: store.clone(),
            moves: store.clone(),
            daily_wins: store.clone(),
            events: store.clone(),
            jobs: store.clone(),
            relay: store,
            env,
            clock,
        }
    }

    /// A workspace that no other case knows.
    pub fn tenant(&self) -> Tenant {
        let user = self.env.id();
        Tenant {
            scope: WorkspaceScope::for_test(self.env.id(), user, Role::Owner),
            ctx: kernel::testing::call_by(user),
        }
    }
}
