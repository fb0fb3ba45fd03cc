use super::planning::activate;
use crate::{
    CampaignStatus, Error, Move, MoveInput, MoveResult, Result, WinInput, events,
    ports::{CampaignReader, CampaignTx, CampaignUow, DueKey, MoveFilter, MoveReader, WorkspaceCalendar},
};
use kernel::{Area, CallContext, Date, Environment, MoveId, Page, PageRequest, StoreError, WorkspaceScope};
use std::sync::Arc;

/// Reading moves and carrying them out.
#[derive(Clone)]
#[expect(missing_docs, reason = "the fields are the ports, by their types' names")]
pub struct MoveService {
    pub uow: Arc<CampaignUow>,
    pub campaigns: Arc<dyn CampaignReader>,
    pub moves: Arc<dyn MoveReader>,
    pub calendar: Arc<dyn WorkspaceCalendar>,
    pub env: Environment,
}

impl MoveService {
    /// One move.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn get(&self, scope: &WorkspaceScope, id: MoveId) -> Result<Move> {
        scope.require(Area::Moves.read())?;
        self.moves.find(scope, id).await?.ok_or(Error::NotFound)
    }

    /// Moves by due day.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the filter names a campaign that is not this workspace's.
    pub async fn list(
        &self,
        scope: &WorkspaceScope,
        filter: MoveFilter,
        page: &PageRequest<DueKey>,
    ) -> Result<Page<Move, DueKey>> {
        scope.require(Area::Moves.read())?;
        if let Some(campaign) = filter.campaign {
            self.campaigns.find(scope, campaign).await?.ok_or(Error::NotFound)?;
        }
        Ok(self.moves.page(scope, filter, page).await?)
    }

    /// Begins with a move; the first one of a planned campaign makes the campaign active.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::MoveState`], [`Error::CampaignState`] when its campaign is over, a stale version.
    pub async fn start(
        &self,
        ctx: &CallContext,
        scope: &WorkspaceScope,
        id: MoveId,
        expected: Option<i32>,
    ) -> Result<Move> {
        self.advance(ctx, scope, id, expected, (MoveInput::Start, None)).await
    }

    /// Ends a move with what came of it; its win of the day, when open, is done by that.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::MoveState`], [`Error::CampaignState`] when its campaign is over, a stale version.
    pub async fn complete(
        &self,
        ctx: &CallContext,
        scope: &WorkspaceScope,
        id: MoveId,
        expected: Option<i32>,
        result: MoveResult,
    ) -> Result<Move> {
        self.advance(ctx, scope, id, expected, (MoveInput::Complete, Some(result))).await
    }

    /// Gives a move up, for a reason; also when its campaign is over.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::MoveState`], a stale version.
    pub async fn skip(
        &self,
        ctx: &CallContext,
        scope: &WorkspaceScope,
        id: MoveId,
        expected: Option<i32>,
        reason: MoveResult,
    ) -> Result<Move> {
        self.advance(ctx, scope, id, expected, (MoveInput::Skip, Some(reason))).await
    }

    async fn advance(
        &self,
        ctx: &CallContext,
        scope: &WorkspaceScope,
        id: MoveId,
        expected: Option<i32>,
        (input, result): (MoveInput, Option<MoveResult>),
    ) -> Result<Move> {
        scope.require(Area::Moves.write())?;
        // Campaign, then move: planning locks them in this order too.
        let campaign = self.moves.find(scope, id).await?.ok_or(Error::NotFound)?.campaign_id;
        let now = self.env.now();
        let today = now.date_in(&self.calendar.time_zone(scope).await?);
        self.uow
            .run(scope, async |tx| {
                let campaign = match campaign {
                    Some(id) => tx.campaigns().find(id).await?,
                    None => None,
                };
                let mut found = tx.moves().find(id).await?.ok_or(Error::NotFound)?;
                let was = found.version;
                if expected.is_some_and(|version| version != was) {
                    return Err(StoreError::Stale.into());
                }
                let campaign = campaign.filter(|_| input != MoveInput::Skip);
                campaign.as_ref().map_or(Ok(()), |campaign| campaign.status.not_over())?;
                found.advance(input, result, now)?;
                tx.moves().save(&found, was).await?;
                tx.events().append(events::of_move(&self.env, ctx, event_type(input), &found)).await?;
                if input == MoveInput::Complete {
                    self.win(tx, ctx, &found, today).await?;
                }
                if let Some(mut campaign) = campaign.filter(|c| c.status == CampaignStatus::Planned) {
                    activate(tx, &self.env, ctx, &mut campaign).await?;
                }
                Ok(found)
            })
            .await
    }

    /// The day's open wins of a move that is done are done too.
    async fn win(&self, tx: &mut dyn CampaignTx, ctx: &CallContext, done: &Move, today: Date) -> Result<()> {
        for mut win in tx.daily_wins().list_open_of(done.id, today).await? {
            let was = win.version;
            win.decide(WinInput::Complete, done.updated_at)?;
            tx.daily_wins().save(&win, was).await?;
            let event = events::of_win(&self.env, ctx, events::DAILY_WIN_COMPLETED, &win);
            tx.events().append(event).await?;
        }
        Ok(())
    }
}

const fn event_type(input: MoveInput) -> &'static str {
    match input {
        MoveInput::Start => events::MOVE_STARTED,
        MoveInput::Complete => events::MOVE_COMPLETED,
        MoveInput::Skip => events::MOVE_SKIPPED,
    }
}
