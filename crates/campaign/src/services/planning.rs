use crate::{
    Campaign, CampaignInput, CampaignStatus, Error, Origin, PlannedMove, Result, events,
    ports::{CampaignReader, CampaignTx, CampaignUow, WorkspaceCalendar},
};
use async_trait::async_trait;
use kernel::{
    CallContext, CampaignId, Environment, Job, JobFailure, JobHandler, NewJob, RunId, TimeZone,
    WorkspaceScope,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::sync::Arc;

/// The job that waits for a campaign's first day.
pub const ACTIVATE: &str = "campaign.activate";

/// What a plan did to a campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applied {
    /// How many moves the plan brought.
    pub moves: u32,
    /// How many untouched moves of an earlier plan it replaced.
    pub replaced: u32,
}

/// Turns plans into moves, and campaigns active on their first day.
#[derive(Clone)]
#[expect(missing_docs, reason = "the fields are the ports, by their types' names")]
pub struct PlanningService {
    pub uow: Arc<CampaignUow>,
    pub campaigns: Arc<dyn CampaignReader>,
    pub calendar: Arc<dyn WorkspaceCalendar>,
    pub env: Environment,
}

impl PlanningService {
    /// Makes a run's plan the campaign's moves: the untouched ones of an earlier plan go, the touched ones stay. The
    /// same run's plan is applied once; a repetition changes nothing.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::CampaignState`] when the campaign has gone on in the meantime.
    pub async fn apply(
        &self,
        ctx: &CallContext,
        scope: &WorkspaceScope,
        id: CampaignId,
        run: RunId,
        plan: (Origin, Vec<PlannedMove>),
    ) -> Result<Applied> {
        let zone = self.calendar.time_zone(scope).await?;
        let (now, (origin, moves)) = (self.env.now(), plan);
        let today = now.date_in(&zone);
        self.uow
            .run(scope, async |tx| {
                let mut campaign = tx.campaigns().find(id).await?.ok_or(Error::NotFound)?;
                let count = u32::try_from(moves.len()).unwrap_or(u32::MAX);
                if campaign.planned_by == Some(run) {
                    return Ok(Applied { moves: count, replaced: 0 });
                }
                let was = campaign.version;
                campaign.advance(CampaignInput::Plan, now)?;
                campaign.planned_by = Some(run);
                tx.campaigns().save(&campaign, was).await?;
                let replaced = tx.moves().remove_untouched(id).await?;
                for planned in moves {
                    let made = planned.into_move(self.env.id(), scope.workspace(), id, origin, now);
                    tx.moves().insert(&made).await?;
                }
                let applied = Applied { moves: count, replaced };
                let payload =
                    json!({ "run_id": run, "origin": origin, "moves": count, "replaced": replaced });
                let planned =
                    events::of_campaign(&self.env, ctx, events::CAMPAIGN_PLANNED, &campaign, payload);
                tx.events().append(planned).await?;
                if campaign.starts_on <= today {
                    activate(tx, &self.env, ctx, &mut campaign).await?;
                } else {
                    self.await_first_day(tx, ctx, &campaign, &zone).await?;
                }
                Ok(applied)
            })
            .await
    }

    /// Makes a planned campaign active when its first day has come. When the day has moved on since it was waited for,
    /// as by another time zone, it is waited for again; a campaign that is no longer planned stays as it is.
    ///
    /// # Errors
    /// The store's. A campaign that is gone is no error.
    pub async fn activate_due(
        &self,
        ctx: &CallContext,
        scope: &WorkspaceScope,
        id: CampaignId,
    ) -> Result<()> {
        let zone = self.calendar.time_zone(scope).await?;
        let today = self.env.now().date_in(&zone);
        self.uow
            .run(scope, async |tx| match tx.campaigns().find(id).await? {
                Some(campaign) if campaign.status != CampaignStatus::Planned => Ok(()),
                Some(mut campaign) if campaign.starts_on <= today => {
                    activate(tx, &self.env, ctx, &mut campaign).await
                }
                Some(campaign) => self.await_first_day(tx, ctx, &campaign, &zone).await,
                None => Ok(()),
            })
            .await
    }

    /// Leaves a job for the start of the first day. Its key names that instant: the job that finds itself too early
    /// still holds the key of its own.
    async fn await_first_day(
        &self,
        tx: &mut dyn CampaignTx,
        ctx: &CallContext,
        campaign: &Campaign,
        zone: &TimeZone,
    ) -> Result<()> {
        let run_at = zone.start_of(campaign.starts_on);
        let job = NewJob::new(&self.env, ctx, ACTIVATE, json!({ "campaign_id": campaign.id }));
        let job = NewJob { run_at, ..job }.deduplicated(format!("{} {run_at}", campaign.id));
        tx.jobs().enqueue(job).await?;
        Ok(())
    }
}

/// Planned becomes active, with its event.
pub(super) async fn activate(
    tx: &mut dyn CampaignTx,
    env: &Environment,
    ctx: &CallContext,
    campaign: &mut Campaign,
) -> Result<()> {
    let was = campaign.version;
    campaign.advance(CampaignInput::Activate, env.now())?;
    tx.campaigns().save(campaign, was).await?;
    let event =
        events::of_campaign(env, ctx, events::CAMPAIGN_ACTIVATED, campaign, json!({ "name": campaign.name }));
    Ok(tx.events().append(event).await?)
}

#[derive(Deserialize)]
struct ActivatePayload {
    campaign_id: CampaignId,
}

#[async_trait]
impl JobHandler for PlanningService {
    fn kind(&self) -> &'static str {
        ACTIVATE
    }

    async fn handle(&self, job: &Job) -> Result<(), JobFailure> {
        let permanent = |what: &str| JobFailure::Permanent(what.to_owned());
        let payload: ActivatePayload =
            serde_json::from_value(job.payload.clone()).map_err(|e| permanent(&e.to_string()))?;
        let scope = WorkspaceScope::for_job(job).ok_or_else(|| permanent("the job has no workspace"))?;
        self.activate_due(&job.context(), &scope, payload.campaign_id).await.map_err(|e| JobFailure::of(&e))
    }
}
