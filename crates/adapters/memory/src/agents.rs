use crate::{
    store::Store,
    tables::{Table, rows},
    unit::Unit,
};
use ::agents::{
    Agent, AgentRun, AgentStep, Lord,
    ports::{
        AgentReader, AgentRepository, AgentTx, RunFilter, RunReader, RunRepository, StepJournal, StepReader,
        models::ProviderKeyRepository,
    },
};
use async_trait::async_trait;
use kernel::{
    AgentId, Page, PageRequest, RunId, StoreError, StoreResult, UnitOfWork, Work, WorkspaceId, WorkspaceScope,
};
use std::collections::BTreeMap;

#[derive(Clone, Default)]
pub(crate) struct State {
    agents: Table<Agent>,
    runs: Table<AgentRun>,
    steps: BTreeMap<(RunId, i32), AgentStep>,
}

rows! {
    Agent, AgentId, "agents";
    AgentRun, RunId, "agent_runs";
}

impl State {
    pub(crate) fn purge(&mut self, workspace: WorkspaceId) {
        let Self { agents, runs, steps } = self;
        agents.retain(workspace, |_| false);
        runs.retain(workspace, |_| false);
        steps.retain(|_, step| step.workspace_id != workspace);
    }

    fn in_seat(&self, workspace: WorkspaceId, lord: Lord) -> Option<&Agent> {
        self.agents.of(workspace).find(|agent| agent.lord == lord)
    }

    fn live(&self, workspace: WorkspaceId, key: &str) -> Option<&AgentRun> {
        self.runs.of(workspace).find(|run| run.live_key().as_deref() == Some(key))
    }
}

type TenantUnit = Unit<WorkspaceScope>;

#[async_trait]
impl AgentRepository for TenantUnit {
    async fn insert(&mut self, agent: &Agent) -> StoreResult<()> {
        self.statement(|unit| {
            let state = &mut unit.state.agents;
            match state.in_seat(agent.workspace_id, agent.lord) {
                Some(_) => Err(StoreError::Conflict("agents".to_owned())),
                None => state.agents.insert(agent),
            }
        })
    }

    async fn seated(&mut self) -> StoreResult<Vec<Lord>> {
        self.statement(|unit| {
            let agents = unit.state.agents.agents.of(unit.scope.workspace());
            Ok(agents.map(|agent| agent.lord).collect())
        })
    }

    async fn find_lord(&mut self, lord: Lord) -> StoreResult<Option<Agent>> {
        self.statement(|unit| Ok(unit.state.agents.in_seat(unit.scope.workspace(), lord).cloned()))
    }
}

#[async_trait]
impl RunRepository for TenantUnit {
    async fn insert(&mut self, run: &AgentRun) -> StoreResult<()> {
        self.statement(|unit| {
            let state = &mut unit.state.agents;
            let taken = run.live_key().is_some_and(|key| state.live(run.workspace_id, &key).is_some());
            if taken { Err(StoreError::Conflict("agent_runs".to_owned())) } else { state.runs.insert(run) }
        })
    }

    async fn find(&mut self, id: RunId) -> StoreResult<Option<AgentRun>> {
        self.statement(|unit| Ok(unit.state.agents.runs.find(unit.scope.workspace(), id)))
    }

    async fn find_live(&mut self, live_key: &str) -> StoreResult<Option<AgentRun>> {
        self.statement(|unit| Ok(unit.state.agents.live(unit.scope.workspace(), live_key).cloned()))
    }

    async fn save(&mut self, run: &AgentRun, expected: i32) -> StoreResult<()> {
        self.statement(|unit| unit.state.agents.runs.save(unit.scope.workspace(), run, expected))
    }
}

#[async_trait]
impl StepJournal for TenantUnit {
    async fn append(&mut self, step: &AgentStep) -> StoreResult<()> {
        self.statement(|unit| {
            let state = &mut unit.state.agents;
            let run = state.runs.find(unit.scope.workspace(), step.run_id);
            run.ok_or_else(|| StoreError::Dangling("agent_steps".to_owned()))?;
            match state.steps.insert((step.run_id, step.number), step.clone()) {
                None => Ok(()),
                Some(_) => Err(StoreError::Conflict("agent_steps".to_owned())),
            }
        })
    }
}

impl AgentTx for TenantUnit {
    fn agents(&mut self) -> &mut dyn AgentRepository {
        self
    }

    fn runs(&mut self) -> &mut dyn RunRepository {
        self
    }

    fn steps(&mut self) -> &mut dyn StepJournal {
        self
    }

    fn provider_keys(&mut self) -> &mut dyn ProviderKeyRepository {
        self
    }
}

#[async_trait]
impl UnitOfWork<dyn AgentTx, WorkspaceScope> for Store {
    async fn run_erased(&self, scope: &WorkspaceScope, work: &mut dyn Work<dyn AgentTx>) -> StoreResult<()> {
        self.run_unit(scope, work, |unit| unit).await
    }
}

#[async_trait]
impl AgentReader for Store {
    async fn list(&self, scope: &WorkspaceScope) -> StoreResult<Vec<Agent>> {
        Ok(self.state().await?.agents.agents.of(scope.workspace()).cloned().collect())
    }

    async fn find(&self, scope: &WorkspaceScope, id: AgentId) -> StoreResult<Option<Agent>> {
        Ok(self.state().await?.agents.agents.find(scope.workspace(), id))
    }
}

#[async_trait]
impl RunReader for Store {
    async fn find(&self, scope: &WorkspaceScope, id: RunId) -> StoreResult<Option<AgentRun>> {
        Ok(self.state().await?.agents.runs.find(scope.workspace(), id))
    }

    async fn page(
        &self,
        scope: &WorkspaceScope,
        filter: RunFilter,
        request: &PageRequest,
    ) -> StoreResult<Page<AgentRun>> {
        let state = self.state().await?;
        let wanted = |run: &&AgentRun| {
            filter.status.is_none_or(|status| run.status == status)
                && filter.kind.is_none_or(|kind| run.kind == kind)
                && filter.subject.is_none_or(|subject| run.subject_id == subject)
                && request.after.is_none_or(|after| run.id.uuid() < after)
        };
        let rows = state.agents.runs.of(scope.workspace()).rev().filter(wanted);
        let rows = rows.take(request.limit.get() as usize + 1).cloned().collect();
        Ok(Page::cut(rows, request.limit, |run: &AgentRun| run.id.uuid()))
    }
}

#[async_trait]
impl StepReader for Store {
    async fn list(&self, scope: &WorkspaceScope, run: RunId) -> StoreResult<Vec<AgentStep>> {
        let state = self.state().await?;
        let steps = state.agents.steps.range((run, i32::MIN)..=(run, i32::MAX));
        let mine = steps.filter(|(_, step)| step.workspace_id == scope.workspace());
        Ok(mine.map(|(_, step)| step.clone()).collect())
    }
}
