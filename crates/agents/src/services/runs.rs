//! Asking for runs and reading them.

use crate::{
    AgentRun, AgentStep, Error, Result, RunError, RunKind, events,
    ports::{AgentTx, AgentUow, CampaignDesk, ContextSource, RunFilter, RunReader, StepReader},
};
use kernel::{
    Area, CallContext, CampaignId, Environment, NewJob, Page, PageRequest, RunId, StoreError, WorkspaceScope,
};
use serde_json::json;
use std::{sync::Arc, time::Duration};

/// The kind of job that executes a run. Payload: `run_id`.
pub const RUN_JOB: &str = "agents.run";

/// How long a live run may stand still before a new request gives it up. All attempts of its job are over by then: at
/// most two hours with their time limits and waits. A run is left like that when the worker of the last attempt died,
/// or when the run's end could not be written.
pub const ABANDONED_AFTER: Duration = Duration::from_secs(3 * 60 * 60);

/// Runs of the council.
#[derive(Clone)]
#[expect(missing_docs, reason = "the fields are the ports, by their types' names")]
pub struct RunService {
    pub uow: Arc<AgentUow>,
    pub runs: Arc<dyn RunReader>,
    pub steps: Arc<dyn StepReader>,
    pub context: Arc<dyn ContextSource>,
    pub desk: Arc<dyn CampaignDesk>,
    pub env: Environment,
}

impl RunService {
    /// Queues a run that will plan the campaign, once per idempotency key. A campaign has one live run at most.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a campaign that is not this workspace's, [`Error::ContextMissing`] before onboarding is
    /// finalised, [`Error::RunInProgress`], [`Error::AgentDisabled`].
    pub async fn queue_strategy(
        &self,
        ctx: &CallContext,
        scope: &WorkspaceScope,
        campaign: CampaignId,
    ) -> Result<AgentRun> {
        scope.require(Area::Agents.write())?;
        self.desk.brief(scope, campaign).await?.ok_or(Error::NotFound)?;
        self.context.current(scope).await?.ok_or(Error::ContextMissing)?;
        let now = self.env.now();
        let call = (ctx.actor, ctx.correlation_id.clone());
        let mut run = AgentRun::for_campaign(campaign, self.env.id(), scope.workspace(), call, now);
        self.uow
            .run_once(scope, ctx, now, async |tx| {
                self.make_way(tx, ctx, &run).await?;
                let agent = tx.agents().find_lord(run.lord).await?;
                if agent.as_ref().is_some_and(|agent| !agent.enabled) {
                    return Err(Error::AgentDisabled);
                }
                run.agent_id = agent.map(|agent| agent.id);
                tx.runs().insert(&run).await.map_err(in_progress)?;
                let job = NewJob::new(&self.env, ctx, RUN_JOB, json!({ "run_id": run.id }));
                tx.jobs()
                    .enqueue(job.in_workspace(scope.workspace()).deduplicated(run.id.to_string()))
                    .await?;
                tx.events().append(events::of_run(&self.env, ctx, events::RUN_QUEUED, &run)).await?;
                Ok(run)
            })
            .await
    }

    /// Refuses when the subject has a live run, unless that one has stood still for too long: then it ends as failed.
    async fn make_way(&self, tx: &mut dyn AgentTx, ctx: &CallContext, run: &AgentRun) -> Result<()> {
        let key = AgentRun::live_key_of(RunKind::Strategy, run.subject_id);
        let Some(mut live) = tx.runs().find_live(&key).await? else { return Ok(()) };
        if run.created_at.since(live.updated_at) < ABANDONED_AFTER {
            return Err(Error::RunInProgress);
        }
        let seen = live.version;
        live.fail(RunError::of(&Error::RunAbandoned), run.created_at)?;
        tx.runs().save(&live, seen).await?;
        tx.events().append(events::of_run(&self.env, ctx, events::RUN_FAILED, &live)).await?;
        Ok(())
    }

    /// One run.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn get(&self, scope: &WorkspaceScope, id: RunId) -> Result<AgentRun> {
        scope.require(Area::Agents.read())?;
        self.runs.find(scope, id).await?.ok_or(Error::NotFound)
    }

    /// The runs, newest first.
    ///
    /// # Errors
    /// The store's.
    pub async fn list(
        &self,
        scope: &WorkspaceScope,
        filter: RunFilter,
        page: &PageRequest,
    ) -> Result<Page<AgentRun>> {
        scope.require(Area::Agents.read())?;
        Ok(self.runs.page(scope, filter, page).await?)
    }

    /// What a run has done so far, in order.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn steps(&self, scope: &WorkspaceScope, id: RunId) -> Result<Vec<AgentStep>> {
        scope.require(Area::Agents.read())?;
        self.get(scope, id).await?;
        Ok(self.steps.list(scope, id).await?)
    }
}

/// Two requests that saw no live run both insert one; the unique key lets one pass.
fn in_progress(error: StoreError) -> Error {
    match error {
        StoreError::Conflict(_) => Error::RunInProgress,
        other => other.into(),
    }
}
