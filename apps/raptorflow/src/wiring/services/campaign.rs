//! Campaigns, their moves and daily wins, and the runs that plan them.

use crate::wiring::{
    calendar::Calendar, desk::Desk, directory::Icps, runs::Runs, source::Source, store::Store,
};
use agents::services::{RunExecutor, RunService};
use bcm::services::IcpService;
use campaign::services::{CampaignService, DailyWinService, MoveService, PlanningService};
use kernel::Environment;
use std::sync::Arc;

pub(super) fn campaign_work<S: Store>(
    store: &Arc<S>,
    calendar: &Arc<Calendar>,
    env: &Environment,
) -> (PlanningService, MoveService, DailyWinService) {
    let planning = PlanningService {
        uow: store.clone(),
        campaigns: store.clone(),
        calendar: calendar.clone(),
        env: env.clone(),
    };
    let moves = MoveService {
        uow: store.clone(),
        campaigns: store.clone(),
        moves: store.clone(),
        calendar: calendar.clone(),
        env: env.clone(),
    };
    let daily_wins = DailyWinService {
        uow: store.clone(),
        wins: store.clone(),
        moves: store.clone(),
        calendar: calendar.clone(),
        env: env.clone(),
    };
    (planning, moves, daily_wins)
}

pub(super) fn campaigns<S: Store>(
    store: &Arc<S>,
    icps: &IcpService,
    calendar: Arc<Calendar>,
    runs: &RunService,
    env: &Environment,
) -> CampaignService {
    CampaignService {
        uow: store.clone(),
        campaigns: store.clone(),
        icps: Arc::new(Icps(icps.clone())),
        calendar,
        runs: Arc::new(Runs(runs.clone())),
        env: env.clone(),
    }
}

pub(super) fn runs<S: Store>(
    store: &Arc<S>,
    source: &Arc<Source>,
    planning: &PlanningService,
    env: &Environment,
) -> (RunService, RunExecutor) {
    let desk = Arc::new(Desk { campaigns: store.clone(), planning: planning.clone() });
    let runs = RunService {
        uow: store.clone(),
        runs: store.clone(),
        steps: store.clone(),
        context: source.clone(),
        desk: desk.clone(),
        env: env.clone(),
    };
    let executor = RunExecutor {
        uow: store.clone(),
        steps: store.clone(),
        context: source.clone(),
        desk,
        env: env.clone(),
    };
    (runs, executor)
}
