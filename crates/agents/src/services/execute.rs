//! Executing a run: the steps in order, each one journaled before the next begins.

use super::{RUN_JOB, journal::Journal, strategy::StrategySteps};
use crate::{
    AgentRun, AgentStep, Error, Origin, Result, RunError, RunInput, RunStatus, StepName, StepStatus, events,
    ports::{AgentUow, CampaignDesk, ContextSource, StepReader},
};
use async_trait::async_trait;
use kernel::{
    CallContext, Environment, Job, JobFailure, JobHandler, RunId, StoreError, Timestamp, WorkspaceScope,
};
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;

/// Why the baseline answers while no provider of models is configured.
pub const PROVIDER_NOT_CONFIGURED: &str = "provider_not_configured";

/// Executes runs for the worker; handles the jobs of kind [`RUN_JOB`].
#[derive(Clone)]
#[expect(missing_docs, reason = "the fields are the ports, by their types' names")]
pub struct RunExecutor {
    pub uow: Arc<AgentUow>,
    pub steps: Arc<dyn StepReader>,
    pub context: Arc<dyn ContextSource>,
    pub desk: Arc<dyn CampaignDesk>,
    pub env: Environment,
}

/// A step that was performed and is not in the journal yet.
pub(super) struct Performed {
    pub(super) input: Option<serde_json::Value>,
    pub(super) output: serde_json::Value,
    pub(super) origin: Option<Origin>,
}

impl RunExecutor {
    /// Brings the run to its end, from wherever the journal says that it stopped. A run that has ended, or waits for
    /// a person, is left alone.
    ///
    /// # Errors
    /// What a step or a store answers; the run is then still live, and another attempt goes on from the same step.
    pub async fn execute(&self, ctx: &CallContext, scope: &WorkspaceScope, id: RunId) -> Result<()> {
        let Some(run) = self.start(ctx, scope, id).await? else { return Ok(()) };
        let mut journal = Journal::of(self.steps.list(scope, id).await?);
        let steps = StrategySteps { context: &*self.context, desk: &*self.desk, env: &self.env };
        for (number, name) in (1..).zip(StepName::STRATEGY) {
            if journal.has(number) {
                continue;
            }
            let began = self.env.now();
            let performed = steps.perform(ctx, scope, &run, name, &journal).await?;
            let step = self.finished(&run, (number, name), StepStatus::Completed, performed, began);
            match self.record(ctx, scope, step).await? {
                Some(step) => journal.add(step),
                None => return Ok(()),
            }
        }
        self.complete(ctx, scope, id, &journal).await
    }

    /// Takes the run; `None` when there is nothing to do for it.
    async fn start(&self, ctx: &CallContext, scope: &WorkspaceScope, id: RunId) -> Result<Option<AgentRun>> {
        let now = self.env.now();
        self.uow
            .run(scope, async |tx| {
                let mut run = tx.runs().find(id).await?.ok_or(Error::NotFound)?;
                let (seen, is_new) = (run.version, run.status == RunStatus::Queued);
                if !run.status.is_live() || run.status == RunStatus::WaitingApproval {
                    return Ok(None);
                }
                run.advance(RunInput::Start, now)?;
                tx.runs().save(&run, seen).await?;
                if is_new {
                    tx.events().append(events::of_run(&self.env, ctx, events::RUN_STARTED, &run)).await?;
                }
                Ok(Some(run))
            })
            .await
    }

    /// Writes the step into the journal and answers what stands there. Another worker may have been faster with the
    /// same step: then its result counts, and this one is forgotten. `None` when the run has ended in the meantime.
    async fn record(
        &self,
        ctx: &CallContext,
        scope: &WorkspaceScope,
        step: AgentStep,
    ) -> Result<Option<AgentStep>> {
        let (run, number) = (step.run_id, step.number);
        let written = self
            .uow
            .run(scope, async |tx| {
                let run = tx.runs().find(step.run_id).await?.ok_or(Error::NotFound)?;
                if run.status != RunStatus::Running {
                    return Ok(None);
                }
                tx.steps().append(&step).await?;
                tx.events().append(events::step_finished(&self.env, ctx, &step)).await?;
                Ok(Some(step))
            })
            .await;
        match written {
            Err(Error::Store(conflict @ StoreError::Conflict(_))) => {
                let steps = self.steps.list(scope, run).await?;
                steps.into_iter().find(|step| step.number == number).map(Some).ok_or(conflict.into())
            }
            other => other,
        }
    }

    async fn complete(
        &self,
        ctx: &CallContext,
        scope: &WorkspaceScope,
        id: RunId,
        journal: &Journal,
    ) -> Result<()> {
        let output = StrategySteps::summary(journal)?;
        let now = self.env.now();
        self.uow
            .run(scope, async |tx| {
                let mut run = tx.runs().find(id).await?.ok_or(Error::NotFound)?;
                let seen = run.version;
                if run.status != RunStatus::Running {
                    return Ok(());
                }
                run.advance(RunInput::Complete, now)?;
                run.output = Some(output);
                run.origin = Some(Origin::Baseline);
                run.origin_reason = Some(PROVIDER_NOT_CONFIGURED.to_owned());
                tx.runs().save(&run, seen).await?;
                tx.events().append(events::of_run(&self.env, ctx, events::RUN_COMPLETED, &run)).await?;
                Ok(())
            })
            .await
    }

    /// Ends the run as failed, with the step that it failed at as the journal's last entry. Answers whether there is
    /// such a run; one that has ended already stays as it is.
    async fn give_up(
        &self,
        ctx: &CallContext,
        scope: &WorkspaceScope,
        id: RunId,
        error: RunError,
    ) -> Result<bool> {
        let journal = Journal::of(self.steps.list(scope, id).await?);
        let now = self.env.now();
        self.uow
            .run(scope, async |tx| {
                let Some(mut run) = tx.runs().find(id).await? else { return Ok(false) };
                if !run.status.is_live() {
                    return Ok(true);
                }
                if let Some(at) = journal.next_of(&StepName::STRATEGY) {
                    let failed = Performed { input: None, output: json!(error), origin: None };
                    let step = self.finished(&run, at, StepStatus::Failed, failed, now);
                    tx.steps().append(&step).await?;
                    tx.events().append(events::step_finished(&self.env, ctx, &step)).await?;
                }
                let seen = run.version;
                run.fail(error, now)?;
                tx.runs().save(&run, seen).await?;
                tx.events().append(events::of_run(&self.env, ctx, events::RUN_FAILED, &run)).await?;
                Ok(true)
            })
            .await
    }

    fn finished(
        &self,
        run: &AgentRun,
        (number, name): (i32, StepName),
        status: StepStatus,
        performed: Performed,
        started_at: Timestamp,
    ) -> AgentStep {
        AgentStep {
            id: self.env.id(),
            workspace_id: run.workspace_id,
            run_id: run.id,
            number,
            name,
            status,
            origin: performed.origin,
            input: performed.input,
            output: performed.output,
            started_at,
            finished_at: self.env.now(),
        }
    }
}

#[derive(Deserialize)]
struct Payload {
    run_id: RunId,
}

/// The run that a job executes.
fn subject(job: &Job) -> Result<(WorkspaceScope, RunId), JobFailure> {
    let payload: Payload = serde_json::from_value(job.payload.clone())
        .map_err(|error| JobFailure::Permanent(error.to_string()))?;
    let scope = WorkspaceScope::for_job(job)
        .ok_or_else(|| JobFailure::Permanent("the job has no workspace".to_owned()))?;
    Ok((scope, payload.run_id))
}

#[async_trait]
impl JobHandler for RunExecutor {
    fn kind(&self) -> &'static str {
        RUN_JOB
    }

    /// A rule's refusal ends run and job at once: the run tells of it. An outage ends both with the last attempt: the
    /// run as failed, the job as a dead letter for whoever looks after the dependency.
    async fn handle(&self, job: &Job) -> Result<(), JobFailure> {
        let ((scope, run), ctx) = (subject(job)?, job.context());
        let Err(error) = self.execute(&ctx, &scope, run).await else { return Ok(()) };
        let transient = |error: &Error| JobFailure::Transient(error.to_string());
        if !error.is_final() && job.attempts < job.max_attempts {
            return Err(transient(&error));
        }
        let ended = self.give_up(&ctx, &scope, run, RunError::of(&error)).await;
        match ended.map_err(|error| transient(&error))? {
            true if error.is_final() => Ok(()),
            true => Err(transient(&error)),
            false => Err(JobFailure::Permanent("there is no such run".to_owned())),
        }
    }

    /// A panic and a time limit end the job without a word from `handle`: here they end the run too.
    async fn buried(&self, job: &Job, _error: &str) -> Result<(), JobFailure> {
        // A job that names no run has none to end.
        let Ok((scope, run)) = subject(job) else { return Ok(()) };
        let ended = self.give_up(&job.context(), &scope, run, RunError::of(&Error::RunAbandoned)).await;
        ended.map(drop).map_err(|error| JobFailure::of(&error))
    }
}
