//! A workspace with a context, a desk of campaigns that remembers what it was told, and stores that can break.

use agents::{
    AgentRun, AgentStep, Error, Result, RunInput,
    ports::{AgentTx, AgentUow, Applied, CampaignDesk, ContextSource, CurrentContext, RunReader, StepReader},
    services::{CouncilService, ProgressService, RunExecutor, RunService},
    tasks::strategy::{CampaignBrief, StrategyPlan},
};
use async_trait::async_trait;
use kernel::{
    CallContext, CampaignId, Environment, EventReader, ForeignFailure, Job, JobQueue, Kinds, RunId,
    StoreError, StoreResult, SystemScope, TimeZone, UnitOfWork, Work, WorkspaceScope,
    testing::{ManualClock, environment, owner_of_new_workspace},
};
use memory::Store;
use serde_json::{Value, json};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

pub(crate) struct World {
    pub(crate) store: Store,
    pub(crate) env: Environment,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) scope: WorkspaceScope,
    pub(crate) ctx: CallContext,
    pub(crate) context: Arc<Context>,
    pub(crate) desk: Arc<Desk>,
    pub(crate) campaign: CampaignId,
}

impl World {
    pub(crate) fn new() -> Self {
        let (store, (env, clock)) = (Store::default(), environment());
        let (scope, ctx) = owner_of_new_workspace(&env);
        let campaign = env.id();
        let desk =
            Arc::new(Desk { store: store.clone(), brief: Mutex::new(Some(brief())), ..Desk::default() });
        let context = Arc::new(Context(Mutex::new(Some(document()))));
        Self { store, env, clock, scope, ctx, context, desk, campaign }
    }

    pub(crate) fn council(&self) -> CouncilService {
        let agents = Arc::new(self.store.clone());
        CouncilService { uow: agents.clone(), agents, env: self.env.clone() }
    }

    pub(crate) fn runs(&self) -> RunService {
        let store = Arc::new(self.store.clone());
        RunService {
            uow: store.clone(),
            runs: store.clone(),
            steps: store,
            context: self.context.clone(),
            desk: self.desk.clone(),
            env: self.env.clone(),
        }
    }

    pub(crate) fn progress(&self) -> ProgressService {
        let store = Arc::new(self.store.clone());
        ProgressService { runs: store.clone(), events: store }
    }

    pub(crate) fn executor(&self, uow: Arc<AgentUow>) -> RunExecutor {
        RunExecutor {
            uow,
            steps: Arc::new(self.store.clone()),
            context: self.context.clone(),
            desk: self.desk.clone(),
            env: self.env.clone(),
        }
    }

    pub(crate) fn healthy_executor(&self) -> RunExecutor {
        self.executor(Arc::new(self.store.clone()))
    }

    pub(crate) async fn queue(&self) -> AgentRun {
        self.runs().queue_strategy(&self.ctx, &self.scope, self.campaign).await.unwrap()
    }

    /// The next attempt of a job, as a worker gets it when the lease of the one before has run out.
    pub(crate) async fn claim(&self) -> Job {
        let lease = Duration::from_secs(60);
        self.clock.advance(2 * lease);
        let scope = SystemScope::for_worker();
        self.store
            .claim(&scope, Kinds::All, "worker", self.env.now(), lease)
            .await
            .unwrap()
            .expect("a job waits")
    }

    pub(crate) async fn run(&self, id: RunId) -> AgentRun {
        RunReader::find(&self.store, &self.scope, id).await.unwrap().unwrap()
    }

    pub(crate) async fn steps(&self, id: RunId) -> Vec<AgentStep> {
        StepReader::list(&self.store, &self.scope, id).await.unwrap()
    }

    pub(crate) async fn told(&self) -> Vec<String> {
        let events = EventReader::list_after(&self.store, &self.scope, 0, 100).await.unwrap();
        events.into_iter().map(|event| event.event_type).collect()
    }
}

pub(crate) fn brief() -> CampaignBrief {
    let brief = json!({
        "name": "Spring", "goal": "More trials of the product",
        "channels": ["linkedin", "newsletter"], "starts_on": "2026-03-02", "ends_on": "2026-03-29",
    });
    serde_json::from_value(brief).unwrap()
}

fn document() -> Value {
    json!({
        "company": {"name": "Acme"},
        "offer": {"summary": "Analytics for small teams", "value_proposition": "Answers without a data team"},
        "icps": [{"id": "icp-1", "name": "Founders", "pains": ["nobody reads the dashboards"], "priority": 1}],
    })
}

pub(crate) struct Context(pub(crate) Mutex<Option<Value>>);

#[async_trait]
impl ContextSource for Context {
    async fn current(&self, _scope: &WorkspaceScope) -> Result<Option<CurrentContext>> {
        Ok(self.0.lock().unwrap().clone().map(|document| CurrentContext { version: 3, document }))
    }

    async fn time_zone(&self, _scope: &WorkspaceScope) -> Result<TimeZone> {
        Ok(TimeZone::utc())
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Mood {
    #[default]
    Well,
    Away,
    Refuses,
    Panics,
    /// Somebody calls the run off while it is applied.
    Cancels,
}

#[derive(Default)]
pub(crate) struct Desk {
    store: Store,
    pub(crate) brief: Mutex<Option<CampaignBrief>>,
    pub(crate) mood: Mutex<Mood>,
    pub(crate) applied: Mutex<Vec<(RunId, StrategyPlan)>>,
    pub(crate) asked: Mutex<u32>,
}

#[async_trait]
impl CampaignDesk for Desk {
    async fn brief(&self, _scope: &WorkspaceScope, _campaign: CampaignId) -> Result<Option<CampaignBrief>> {
        // Lets another worker at the same run catch up.
        tokio::task::yield_now().await;
        Ok(self.brief.lock().unwrap().clone())
    }

    async fn apply(
        &self,
        _ctx: &CallContext,
        scope: &WorkspaceScope,
        run: RunId,
        _campaign: CampaignId,
        plan: &StrategyPlan,
    ) -> Result<Applied> {
        *self.asked.lock().unwrap() += 1;
        tokio::task::yield_now().await;
        let mood = *self.mood.lock().unwrap();
        match mood {
            Mood::Well => {}
            Mood::Away => return Err(StoreError::Unavailable("the database naps".to_owned()).into()),
            Mood::Refuses => return Err(Error::Elsewhere(ForeignFailure::new(Error::RunState("cancelled")))),
            Mood::Panics => panic!("a defect"),
            Mood::Cancels => cancel(&self.store, scope, run).await,
        }
        let mut applied = self.applied.lock().unwrap();
        if applied.iter().all(|(id, _)| *id != run) {
            applied.push((run, plan.clone()));
        }
        Ok(Applied { moves: u32::try_from(plan.moves.len()).unwrap() })
    }
}

async fn cancel(store: &Store, scope: &WorkspaceScope, id: RunId) {
    let uow: &AgentUow = store;
    let cancelled: Result<()> = uow
        .run(scope, async |tx| {
            let mut run = tx.runs().find(id).await?.unwrap();
            let seen = run.version;
            run.advance(RunInput::Cancel, run.updated_at)?;
            Ok(tx.runs().save(&run, seen).await?)
        })
        .await;
    cancelled.unwrap();
}

/// When a store breaks, seen from the unit that meets it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Breaks {
    /// Nothing of the unit is written.
    Before,
    /// All of it is written, and nobody hears of it.
    After,
}

/// A store that does `left` units and then breaks.
pub(crate) struct Breaking {
    pub(crate) store: Store,
    pub(crate) left: Mutex<u32>,
    pub(crate) how: Breaks,
}

#[async_trait]
impl UnitOfWork<dyn AgentTx, WorkspaceScope> for Breaking {
    async fn run_erased(&self, scope: &WorkspaceScope, work: &mut dyn Work<dyn AgentTx>) -> StoreResult<()> {
        let breaks = {
            let mut left = self.left.lock().unwrap();
            let breaks = *left == 0;
            *left = left.saturating_sub(1);
            breaks
        };
        if !breaks || self.how == Breaks::After {
            self.store.run_erased(scope, work).await?;
        }
        if breaks { Err(StoreError::Unavailable("the worker died".to_owned())) } else { Ok(()) }
    }
}
