//! The day's wins are there when people come to work.

use super::DailyWinService;
use crate::{
    Error,
    ports::{CampaignUow, WorkspaceCalendar},
};
use async_trait::async_trait;
use kernel::{
    Environment, ErrorKind, Failure, Job, JobFailure, JobHandler, Misfire, Schedule, Timing, WorkspaceScope,
};
use std::sync::Arc;

/// The kind of job that [`MorningConsumer`] handles: answers the facts that a workspace is new or was changed.
pub const PLAN_MORNINGS: &str = "campaign.plan_mornings";
/// The kind of job that [`ChooseDailyWins`] handles.
pub const CHOOSE_DAILY_WINS: &str = "campaign.choose_daily_wins";

/// Every day at six, by the workspace's clock.
const MORNING: &str = "0 6 * * *";

fn scope_of(job: &Job) -> Result<WorkspaceScope, JobFailure> {
    WorkspaceScope::for_job(job)
        .ok_or_else(|| JobFailure::Permanent("the job belongs to no workspace".to_owned()))
}

/// Nothing is to be done in a workspace that was deleted meanwhile.
fn unless_deleted(done: Result<(), Error>) -> Result<(), JobFailure> {
    match done {
        Err(error) if error.code().kind == ErrorKind::NotFound => Ok(()),
        done => done.map_err(|error| JobFailure::of(&error)),
    }
}

/// Keeps the workspace's morning where its time zone has it.
#[derive(Clone)]
#[expect(missing_docs, reason = "each field is the port that its type names")]
pub struct MorningConsumer {
    pub uow: Arc<CampaignUow>,
    pub calendar: Arc<dyn WorkspaceCalendar>,
    pub env: Environment,
}

impl MorningConsumer {
    async fn plan(&self, scope: &WorkspaceScope) -> Result<(), Error> {
        let zone = self.calendar.time_zone(scope).await?;
        let timing = Timing::cron(MORNING, zone).map_err(|error| {
            Error::Store(kernel::StoreError::Internal(format!("the morning's rule: {error}")))
        })?;
        let daily = Schedule::new(&self.env, "daily_wins", CHOOSE_DAILY_WINS, timing, Misfire::Skip);
        self.uow.run(scope, async |tx| Ok(tx.schedules().put(&daily).await?)).await
    }
}

#[async_trait]
impl JobHandler for MorningConsumer {
    fn kind(&self) -> &'static str {
        PLAN_MORNINGS
    }

    async fn handle(&self, job: &Job) -> Result<(), JobFailure> {
        unless_deleted(self.plan(&scope_of(job)?).await)
    }
}

/// Chooses the wins of the day that has begun.
#[derive(Clone)]
pub struct ChooseDailyWins(pub DailyWinService);

#[async_trait]
impl JobHandler for ChooseDailyWins {
    fn kind(&self) -> &'static str {
        CHOOSE_DAILY_WINS
    }

    async fn handle(&self, job: &Job) -> Result<(), JobFailure> {
        let chosen = self.0.of_day(&job.context(), &scope_of(job)?, None).await;
        unless_deleted(chosen.map(drop))
    }
}
