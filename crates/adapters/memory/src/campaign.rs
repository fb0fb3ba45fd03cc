use crate::{
    store::Store,
    tables::{Table, rows},
    unit::Unit,
};
use async_trait::async_trait;
use campaign::{
    Campaign, CampaignStatus, DailyWin, Move, MoveStatus, WinStatus,
    ports::{
        CampaignReader, CampaignRepository, CampaignTx, DailyWinReader, DailyWinRepository, DueKey,
        MoveFilter, MoveReader, MoveRepository,
    },
};
use kernel::{
    CampaignId, DailyWinId, Date, MoveId, Page, PageRequest, StoreError, StoreResult, UnitOfWork, Work,
    WorkspaceId, WorkspaceScope,
};

#[derive(Clone, Default)]
pub(crate) struct State {
    campaigns: Table<Campaign>,
    moves: Table<Move>,
    daily_wins: Table<DailyWin>,
}

rows! {
    Campaign, CampaignId, "campaigns";
    Move, MoveId, "moves";
    DailyWin, DailyWinId, "daily_wins";
}

impl State {
    pub(crate) fn purge(&mut self, workspace: WorkspaceId) {
        let Self { campaigns, moves, daily_wins } = self;
        campaigns.retain(workspace, |_| false);
        moves.retain(workspace, |_| false);
        daily_wins.retain(workspace, |_| false);
    }
}

type TenantUnit = Unit<WorkspaceScope>;

#[async_trait]
impl CampaignRepository for TenantUnit {
    async fn insert(&mut self, campaign: &Campaign) -> StoreResult<()> {
        self.statement(|unit| unit.state.campaign.campaigns.insert(campaign))
    }

    async fn find(&mut self, id: CampaignId) -> StoreResult<Option<Campaign>> {
        self.statement(|unit| Ok(unit.state.campaign.campaigns.find(unit.scope.workspace(), id)))
    }

    async fn save(&mut self, campaign: &Campaign, expected: i32) -> StoreResult<()> {
        self.statement(|unit| unit.state.campaign.campaigns.save(unit.scope.workspace(), campaign, expected))
    }
}

#[async_trait]
impl MoveRepository for TenantUnit {
    async fn insert(&mut self, m: &Move) -> StoreResult<()> {
        self.statement(|unit| {
            let workspace = unit.scope.workspace();
            let campaign = m.campaign_id.map(|id| unit.state.campaign.campaigns.find(workspace, id));
            match campaign {
                Some(None) => Err(StoreError::Dangling("moves".to_owned())),
                Some(Some(_)) | None => unit.state.campaign.moves.insert(m),
            }
        })
    }

    async fn find(&mut self, id: MoveId) -> StoreResult<Option<Move>> {
        self.statement(|unit| Ok(unit.state.campaign.moves.find(unit.scope.workspace(), id)))
    }

    async fn save(&mut self, m: &Move, expected: i32) -> StoreResult<()> {
        self.statement(|unit| unit.state.campaign.moves.save(unit.scope.workspace(), m, expected))
    }

    async fn remove_untouched(&mut self, campaign: CampaignId) -> StoreResult<u32> {
        self.statement(|unit| {
            let workspace = unit.scope.workspace();
            let wins = unit.state.campaign.daily_wins.of(workspace);
            let decided: Vec<_> =
                wins.filter(|win| win.status != WinStatus::Open).filter_map(|win| win.move_id).collect();
            let untouched = |m: &Move| {
                m.campaign_id == Some(campaign)
                    && m.status == MoveStatus::Planned
                    && m.version == 1
                    && !decided.contains(&m.id)
            };
            let gone: Vec<_> =
                unit.state.campaign.moves.of(workspace).filter(|m| untouched(m)).map(|m| m.id).collect();
            unit.state
                .campaign
                .daily_wins
                .retain(workspace, |win| win.move_id.is_none_or(|id| !gone.contains(&id)));
            let count = unit.state.campaign.moves.retain(workspace, |m| !untouched(m));
            Ok(u32::try_from(count).unwrap_or(u32::MAX))
        })
    }
}

#[async_trait]
impl DailyWinRepository for TenantUnit {
    async fn insert_missing(&mut self, win: &DailyWin) -> StoreResult<bool> {
        self.statement(|unit| {
            let wins = &mut unit.state.campaign.daily_wins;
            let taken = wins.of(win.workspace_id).any(|w| w.date == win.date && w.source == win.source);
            if taken { Ok(false) } else { wins.insert(win).map(|()| true) }
        })
    }

    async fn find(&mut self, id: DailyWinId) -> StoreResult<Option<DailyWin>> {
        self.statement(|unit| Ok(unit.state.campaign.daily_wins.find(unit.scope.workspace(), id)))
    }

    async fn list_open_of(&mut self, id: MoveId, date: Date) -> StoreResult<Vec<DailyWin>> {
        self.statement(|unit| {
            let wins = unit.state.campaign.daily_wins.of(unit.scope.workspace());
            let open =
                wins.filter(|w| w.move_id == Some(id) && w.date == date && w.status == WinStatus::Open);
            Ok(open.cloned().collect())
        })
    }

    async fn save(&mut self, win: &DailyWin, expected: i32) -> StoreResult<()> {
        self.statement(|unit| unit.state.campaign.daily_wins.save(unit.scope.workspace(), win, expected))
    }
}

impl CampaignTx for TenantUnit {
    fn campaigns(&mut self) -> &mut dyn CampaignRepository {
        self
    }

    fn moves(&mut self) -> &mut dyn MoveRepository {
        self
    }

    fn daily_wins(&mut self) -> &mut dyn DailyWinRepository {
        self
    }
}

#[async_trait]
impl UnitOfWork<dyn CampaignTx, WorkspaceScope> for Store {
    async fn run_erased(
        &self,
        scope: &WorkspaceScope,
        work: &mut dyn Work<dyn CampaignTx>,
    ) -> StoreResult<()> {
        self.run_unit(scope, work, |unit| unit).await
    }
}

#[async_trait]
impl CampaignReader for Store {
    async fn find(&self, scope: &WorkspaceScope, id: CampaignId) -> StoreResult<Option<Campaign>> {
        Ok(self.state().await?.campaign.campaigns.find(scope.workspace(), id))
    }

    async fn page(&self, scope: &WorkspaceScope, request: &PageRequest) -> StoreResult<Page<Campaign>> {
        let state = self.state().await?;
        let older = |c: &&Campaign| request.after.is_none_or(|after| c.id.uuid() < after);
        let rows = state.campaign.campaigns.of(scope.workspace()).rev().filter(older);
        let rows = rows.take(request.limit.get() as usize + 1).cloned().collect();
        Ok(Page::cut(rows, request.limit, |c: &Campaign| c.id.uuid()))
    }
}

fn due_key(m: &Move) -> DueKey {
    (m.due_on, m.id.uuid())
}

#[async_trait]
impl MoveReader for Store {
    async fn find(&self, scope: &WorkspaceScope, id: MoveId) -> StoreResult<Option<Move>> {
        Ok(self.state().await?.campaign.moves.find(scope.workspace(), id))
    }

    async fn page(
        &self,
        scope: &WorkspaceScope,
        filter: MoveFilter,
        request: &PageRequest<DueKey>,
    ) -> StoreResult<Page<Move, DueKey>> {
        let state = self.state().await?;
        let wanted = |m: &&Move| {
            filter.campaign.is_none_or(|id| m.campaign_id == Some(id))
                && filter.status.is_none_or(|status| m.status == status)
                && request.after.is_none_or(|after| due_key(m) > after)
        };
        let mut rows: Vec<Move> =
            state.campaign.moves.of(scope.workspace()).filter(wanted).cloned().collect();
        rows.sort_by_key(due_key);
        Ok(Page::cut(rows, request.limit, due_key))
    }

    async fn agenda(&self, scope: &WorkspaceScope, until: Date) -> StoreResult<Vec<Move>> {
        let state = self.state().await?;
        let live = |m: &&Move| {
            m.campaign_id.is_none_or(|id| {
                let campaign = state.campaign.campaigns.find(scope.workspace(), id);
                campaign.is_some_and(|c| matches!(c.status, CampaignStatus::Planned | CampaignStatus::Active))
            })
        };
        let matters = |m: &&Move| {
            m.status == MoveStatus::InProgress || (m.status == MoveStatus::Planned && m.due_on <= until)
        };
        let moves = state.campaign.moves.of(scope.workspace());
        let mut rows: Vec<Move> = moves.filter(matters).filter(live).cloned().collect();
        rows.sort_by_key(due_key);
        rows.truncate(100);
        Ok(rows)
    }
}

#[async_trait]
impl DailyWinReader for Store {
    async fn list_on(&self, scope: &WorkspaceScope, date: Date) -> StoreResult<Vec<DailyWin>> {
        let state = self.state().await?;
        Ok(state.campaign.daily_wins.of(scope.workspace()).filter(|win| win.date == date).cloned().collect())
    }

    async fn done_days(&self, scope: &WorkspaceScope, until: Date) -> StoreResult<Vec<Date>> {
        let state = self.state().await?;
        let wins = state.campaign.daily_wins.of(scope.workspace());
        let done = wins.filter(|win| win.status == WinStatus::Done && win.date <= until).map(|win| win.date);
        let days: std::collections::BTreeSet<Date> = done.collect();
        Ok(days.into_iter().rev().take(400).collect())
    }
}
