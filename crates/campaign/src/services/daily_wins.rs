use crate::{
    DailyWin, Error, Result, WinInput, choose_wins, events,
    ports::{CampaignUow, DailyWinReader, MoveReader, WorkspaceCalendar},
    streak,
};
use kernel::{Area, CallContext, DailyWinId, Date, Environment, FieldErrors, Violation, WorkspaceScope};
use std::sync::Arc;

/// The wins of one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WinsOfDay {
    /// The day, in the workspace's time zone.
    pub date: Date,
    /// By urgency.
    pub items: Vec<DailyWin>,
    /// Days in a row with a done win.
    pub streak: u32,
}

/// Choosing the day's wins and deciding about them.
#[derive(Clone)]
#[expect(missing_docs, reason = "the fields are the ports, by their types' names")]
pub struct DailyWinService {
    pub uow: Arc<CampaignUow>,
    pub wins: Arc<dyn DailyWinReader>,
    pub moves: Arc<dyn MoveReader>,
    pub calendar: Arc<dyn WorkspaceCalendar>,
    pub env: Environment,
}

impl DailyWinService {
    /// The wins of a day, today by default. Today's are chosen the first time somebody looks and there is something
    /// to choose from; a past day shows what it had.
    ///
    /// # Errors
    /// A day in the future breaks a rule.
    pub async fn of_day(
        &self,
        ctx: &CallContext,
        scope: &WorkspaceScope,
        date: Option<Date>,
    ) -> Result<WinsOfDay> {
        scope.require(Area::DailyWins.read())?;
        let today = self.env.now().date_in(&self.calendar.time_zone(scope).await?);
        let date = date.unwrap_or(today);
        if date > today {
            let broken =
                Violation::new("in_the_future", "must not be after today in the workspace's time zone");
            return Err(FieldErrors::one("date", broken).into());
        }
        let mut items = self.wins.list_on(scope, date).await?;
        if items.is_empty() && date == today {
            self.choose(ctx, scope, date).await?;
            items = self.wins.list_on(scope, date).await?;
        }
        items.sort_by_key(|win| (win.kind, win.id));
        Ok(WinsOfDay { date, items, streak: self.streak_on(scope, today).await? })
    }

    /// Days in a row with a done win, up to today.
    ///
    /// # Errors
    /// The store's.
    pub async fn streak(&self, scope: &WorkspaceScope) -> Result<u32> {
        scope.require(Area::DailyWins.read())?;
        let today = self.env.now().date_in(&self.calendar.time_zone(scope).await?);
        self.streak_on(scope, today).await
    }

    /// Marks a win done or dismissed.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::DailyWinState`].
    pub async fn decide(
        &self,
        ctx: &CallContext,
        scope: &WorkspaceScope,
        id: DailyWinId,
        input: WinInput,
    ) -> Result<DailyWin> {
        scope.require(Area::DailyWins.write())?;
        let event_type = match input {
            WinInput::Complete => events::DAILY_WIN_COMPLETED,
            WinInput::Dismiss => events::DAILY_WIN_DISMISSED,
        };
        self.uow
            .run(scope, async |tx| {
                let mut win = tx.daily_wins().find(id).await?.ok_or(Error::NotFound)?;
                let was = win.version;
                win.decide(input, self.env.now())?;
                tx.daily_wins().save(&win, was).await?;
                tx.events().append(events::of_win(&self.env, ctx, event_type, &win)).await?;
                Ok(win)
            })
            .await
    }

    async fn choose(&self, ctx: &CallContext, scope: &WorkspaceScope, date: Date) -> Result<()> {
        let horizon = date.checked_add(jiff::Span::new().days(7)).unwrap_or(date);
        let moves = self.moves.agenda(scope, horizon).await?;
        let wins = choose_wins(&self.env, scope.workspace(), date, &moves);
        if wins.is_empty() {
            return Ok(());
        }
        self.uow
            .run(scope, async |tx| {
                let mut chosen = Vec::new();
                for win in wins {
                    if tx.daily_wins().insert_missing(&win).await? {
                        chosen.push(win);
                    }
                }
                if let Some(event) = events::of_chosen(&self.env, ctx, &chosen) {
                    tx.events().append(event).await?;
                }
                Ok(())
            })
            .await
    }

    async fn streak_on(&self, scope: &WorkspaceScope, today: Date) -> Result<u32> {
        Ok(streak(today, &self.wins.done_days(scope, today).await?))
    }
}
