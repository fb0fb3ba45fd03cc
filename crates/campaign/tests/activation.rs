//! A planned campaign becomes active on its first day, wherever the workspace has moved in the meantime.

#![expect(clippy::unwrap_used, reason = "the helpers of a test fail by panicking")]

use async_trait::async_trait;
use campaign::ports::{CampaignReader, CampaignUow, WorkspaceCalendar};
use campaign::services::PlanningService;
use campaign::{Campaign, CampaignStatus, Error, NewCampaign, Origin, Result};
use kernel::testing::{ManualClock, environment, owner_of_new_workspace};
use kernel::{
    CallContext, CampaignId, Environment, JobHandler, JobQueue, JobState, Kinds, Settlement, SystemScope,
    TimeZone, Timestamp, WorkspaceScope,
};
use memory::Store;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A workspace that can move.
struct Whereabouts(Mutex<TimeZone>);

#[async_trait]
impl WorkspaceCalendar for Whereabouts {
    async fn time_zone(&self, _: &WorkspaceScope) -> Result<TimeZone> {
        Ok(self.0.lock().unwrap().clone())
    }
}

struct World {
    store: Arc<Store>,
    env: Environment,
    clock: Arc<ManualClock>,
    scope: WorkspaceScope,
    ctx: CallContext,
    whereabouts: Arc<Whereabouts>,
    planning: PlanningService,
}

const WORKER: SystemScope = SystemScope::for_worker();
const HOUR: Duration = Duration::from_secs(60 * 60);

/// It is 09:00 UTC on 2026-03-02; the workspace is in Tokyo.
fn world() -> World {
    let (store, (env, clock)) = (Arc::new(Store::default()), environment());
    let (scope, ctx) = owner_of_new_workspace(&env);
    let whereabouts = Arc::new(Whereabouts(Mutex::new(TimeZone::parse("Asia/Tokyo").unwrap())));
    let planning = PlanningService {
        uow: store.clone(),
        campaigns: store.clone(),
        calendar: whereabouts.clone(),
        env: env.clone(),
    };
    World { store, env, clock, scope, ctx, whereabouts, planning }
}

impl World {
    /// A campaign that waits for 4 March, with an empty plan.
    async fn planned(&self) -> CampaignId {
        let new = NewCampaign {
            name: "Spring".into(),
            goal: "More trials".into(),
            channels: vec![],
            icp_ids: vec![],
            starts_on: "2026-03-04".parse().unwrap(),
            ends_on: "2026-03-29".parse().unwrap(),
            budget: None,
        };
        let draft = Campaign::try_new(new, self.env.id(), self.scope.workspace(), self.env.now()).unwrap();
        let (id, uow): (_, Arc<CampaignUow>) = (draft.id, self.store.clone());
        uow.run(&self.scope, async |tx| Ok::<_, Error>(tx.campaigns().insert(&draft).await?)).await.unwrap();
        let plan = (Origin::Baseline, vec![]);
        self.planning.apply(&self.ctx, &self.scope, id, self.env.id(), plan).await.unwrap();
        id
    }

    fn move_to(&self, zone: &str) {
        *self.whereabouts.0.lock().unwrap() = TimeZone::parse(zone).unwrap();
    }

    /// Lets time pass until `instant`, hour by hour, with a worker that does what is due. Answers when it had work.
    async fn work_until(&self, instant: &str) -> Vec<String> {
        let (until, mut worked) = (instant.parse::<Timestamp>().unwrap(), Vec::new());
        while self.env.now() < until {
            self.clock.advance(HOUR);
            while let Some(job) =
                self.store.claim(&WORKER, Kinds::All, "w", self.env.now(), HOUR).await.unwrap()
            {
                self.planning.handle(&job).await.unwrap();
                let settled = self.store.settle(&WORKER, &job, &Settlement::Succeeded, self.env.now()).await;
                assert!(settled.unwrap());
                worked.push(self.env.now().to_string());
            }
        }
        worked
    }

    async fn status(&self, id: CampaignId) -> CampaignStatus {
        CampaignReader::find(&*self.store, &self.scope, id).await.unwrap().unwrap().status
    }
}

#[tokio::test]
async fn a_workspace_that_moved_west_twice_still_gets_its_first_day() {
    let w = world();
    let id = w.planned().await;
    w.move_to("UTC");
    // Midnight in Tokyo.
    assert_eq!(w.work_until("2026-03-03T20:00:00Z").await, ["2026-03-03T15:00:00Z"]);
    assert_eq!(w.status(id).await, CampaignStatus::Planned, "the day has not come");
    w.move_to("Pacific/Honolulu");
    assert_eq!(w.work_until("2026-03-04T09:00:00Z").await, ["2026-03-04T00:00:00Z"]);
    assert_eq!(w.status(id).await, CampaignStatus::Planned);
    assert_eq!(w.work_until("2026-03-05T00:00:00Z").await, ["2026-03-04T10:00:00Z"]);
    assert_eq!(w.status(id).await, CampaignStatus::Active);
    assert_eq!(w.store.count(&WORKER, JobState::Queued).await, Ok(0));
}

#[tokio::test]
async fn a_job_that_comes_twice_too_early_waits_once() {
    let w = world();
    let id = w.planned().await;
    w.move_to("UTC");
    for _ in 0..2 {
        w.planning.activate_due(&w.ctx, &w.scope, id).await.unwrap();
    }
    assert_eq!(w.store.count(&WORKER, JobState::Queued).await, Ok(2), "Tokyo's and the new one");
}
