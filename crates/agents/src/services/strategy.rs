//! The steps of a strategy run.

use super::{execute::Performed, journal::Journal};
use crate::{
    AgentRun, Error, Origin, Result, StepName,
    ports::{Applied, CampaignDesk, ContextSource},
    tasks::strategy::{
        self, ContextView, Critique, Perception, Reflection, StrategyError, StrategyInput, StrategyPlan,
    },
};
use kernel::{CallContext, CampaignId, Environment, StoreError, WorkspaceScope};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What perception was given; the later steps read it from the journal, so that a campaign or a context that changes
/// in the middle of a run does not give half a plan of each.
#[derive(Serialize, Deserialize)]
struct Gathered {
    context_version: i32,
    strategy: StrategyInput,
}

/// What the critic leaves of a plan, and why.
#[derive(Serialize, Deserialize)]
struct Criticised {
    plan: StrategyPlan,
    critique: Critique,
}

/// Performs one step from what the journal holds.
pub(super) struct StrategySteps<'a> {
    pub(super) context: &'a dyn ContextSource,
    pub(super) desk: &'a dyn CampaignDesk,
    pub(super) env: &'a Environment,
}

impl StrategySteps<'_> {
    pub(super) async fn perform(
        &self,
        ctx: &CallContext,
        scope: &WorkspaceScope,
        run: &AgentRun,
        name: StepName,
        journal: &Journal,
    ) -> Result<Performed> {
        match name {
            StepName::Perception => self.perceive(scope, run).await,
            StepName::Planning => plan(journal),
            StepName::Critic => criticise(journal),
            StepName::Reflection => reflect(journal),
            StepName::Apply => {
                let Criticised { plan, .. } = journal.output(StepName::Critic)?;
                let applied = self.desk.apply(ctx, scope, run.id, campaign_of(run), &plan).await?;
                Ok(Performed { input: None, output: json_of(&applied)?, origin: None })
            }
        }
    }

    async fn perceive(&self, scope: &WorkspaceScope, run: &AgentRun) -> Result<Performed> {
        let gathered = self.gather(scope, run).await?;
        let perception = strategy::perceive(&gathered.strategy);
        if perception.working_days.is_empty() {
            let StrategyInput { campaign, today, .. } = gathered.strategy;
            let (starts_on, ends_on) = (campaign.starts_on, campaign.ends_on);
            return Err(StrategyError::NoWorkingDay { starts_on, ends_on, today }.into());
        }
        Ok(Performed { input: Some(json_of(&gathered)?), ..thought(&perception)? })
    }

    async fn gather(&self, scope: &WorkspaceScope, run: &AgentRun) -> Result<Gathered> {
        let campaign = self.desk.brief(scope, campaign_of(run)).await?.ok_or(Error::NotFound)?;
        let current = self.context.current(scope).await?.ok_or(Error::ContextMissing)?;
        let today = self.env.now().date_in(&self.context.time_zone(scope).await?);
        let context: ContextView = serde_json::from_value(current.document)
            .map_err(|error| StoreError::Corrupt(format!("the business context: {error}")))?;
        Ok(Gathered {
            context_version: current.version,
            strategy: StrategyInput { campaign, context, today },
        })
    }

    /// What a completed run says of itself.
    pub(super) fn summary(journal: &Journal) -> Result<Value> {
        let gathered: Gathered = journal.input(StepName::Perception)?;
        let Criticised { plan, critique } = journal.output(StepName::Critic)?;
        let reflection: Reflection = journal.output(StepName::Reflection)?;
        let applied: Applied = journal.output(StepName::Apply)?;
        Ok(json!({
            "context_version": gathered.context_version,
            "moves": applied.moves,
            "channels": plan.channels,
            "cadence": plan.cadence,
            "refused": plan.refused,
            "notes": plan.notes,
            "removed_by_critic": critique.findings.iter().filter(|finding| finding.move_removed).count(),
            "summary": reflection.summary,
            "risks": reflection.risks,
            "questions": reflection.questions,
        }))
    }
}

fn plan(journal: &Journal) -> Result<Performed> {
    let Gathered { strategy: input, .. } = journal.input(StepName::Perception)?;
    let perception: Perception = journal.output(StepName::Perception)?;
    thought(&strategy::plan(&input, &perception))
}

fn criticise(journal: &Journal) -> Result<Performed> {
    let Gathered { strategy: input, .. } = journal.input(StepName::Perception)?;
    let (plan, critique) = strategy::critique(&input, journal.output(StepName::Planning)?);
    thought(&Criticised { plan, critique })
}

fn reflect(journal: &Journal) -> Result<Performed> {
    let Gathered { strategy: input, .. } = journal.input(StepName::Perception)?;
    let perception: Perception = journal.output(StepName::Perception)?;
    let Criticised { plan, critique } = journal.output(StepName::Critic)?;
    thought(&strategy::reflect(&input, &perception, &plan, &critique))
}

/// What the baseline has thought of.
fn thought<T: Serialize>(output: &T) -> Result<Performed> {
    Ok(Performed { input: None, output: json_of(output)?, origin: Some(Origin::Baseline) })
}

fn campaign_of(run: &AgentRun) -> CampaignId {
    CampaignId::from_uuid(run.subject_id)
}

fn json_of<T: Serialize>(value: &T) -> Result<Value> {
    serde_json::to_value(value).map_err(|error| StoreError::Internal(error.to_string()).into())
}
