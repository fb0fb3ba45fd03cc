//! What this crate needs of a store and of its neighbours.
//!
//! Repositories work inside a unit of work, which knows the tenant; readers take the scope and cost one round trip.
//! Every adapter MUST answer for rows of the scope's workspace only: another workspace's id is like an unknown one.

use crate::{Campaign, DailyWin, Move, MoveStatus, Result};
use async_trait::async_trait;
use kernel::{
    CallContext, CampaignId, DailyWinId, Date, IcpId, MoveId, Page, PageRequest, RunId, StoreResult,
    TimeZone, UnitOfWork, WorkspaceScope,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Campaigns, inside a unit of work.
#[async_trait]
pub trait CampaignRepository: Send {
    /// Stores a new one. MUST answer `Conflict` for an id that is taken.
    async fn insert(&mut self, campaign: &Campaign) -> StoreResult<()>;
    /// The campaign; two open units MUST NOT both go on from the same version.
    async fn find(&mut self, id: CampaignId) -> StoreResult<Option<Campaign>>;
    /// Replaces the row that has version `expected`. MUST answer `Stale` when there is none.
    async fn save(&mut self, campaign: &Campaign, expected: i32) -> StoreResult<()>;
}

/// Moves, inside a unit of work.
#[async_trait]
pub trait MoveRepository: Send {
    /// Stores a new one. MUST answer `Dangling` when its campaign is not in this workspace.
    async fn insert(&mut self, m: &Move) -> StoreResult<()>;
    /// The move; two open units MUST NOT both go on from the same version. Who wants its campaign too finds that first.
    async fn find(&mut self, id: MoveId) -> StoreResult<Option<Move>>;
    /// Replaces the row that has version `expected`. MUST answer `Stale` when there is none.
    async fn save(&mut self, m: &Move, expected: i32) -> StoreResult<()>;
    /// Removes the campaign's moves that nobody has touched and answers how many there were; their open wins go with
    /// them. Untouched is a move that is planned, in version 1 and without a decided win (done or dismissed): MUST keep
    /// every other one, and every decided win.
    async fn remove_untouched(&mut self, campaign: CampaignId) -> StoreResult<u32>;
}

/// Daily wins, inside a unit of work.
#[async_trait]
pub trait DailyWinRepository: Send {
    /// Stores a new one; MUST answer `false` and change nothing when the day has a win of the same source.
    async fn insert_missing(&mut self, win: &DailyWin) -> StoreResult<bool>;
    /// The win; two open units MUST NOT both go on from the same version.
    async fn find(&mut self, id: DailyWinId) -> StoreResult<Option<DailyWin>>;
    /// The open wins of a move on a day, by id; two open units MUST NOT both go on from the same version.
    async fn list_open_of(&mut self, id: MoveId, date: Date) -> StoreResult<Vec<DailyWin>>;
    /// Replaces the row that has version `expected`. MUST answer `Stale` when there is none.
    async fn save(&mut self, win: &DailyWin, expected: i32) -> StoreResult<()>;
}

/// The unit of work of this crate.
pub trait CampaignTx: kernel::Tx {
    /// Campaigns.
    fn campaigns(&mut self) -> &mut dyn CampaignRepository;
    /// Moves.
    fn moves(&mut self) -> &mut dyn MoveRepository;
    /// Daily wins.
    fn daily_wins(&mut self) -> &mut dyn DailyWinRepository;
}

/// This crate's store.
pub type CampaignUow = dyn UnitOfWork<dyn CampaignTx, WorkspaceScope>;

/// Reads campaigns.
#[async_trait]
pub trait CampaignReader: Send + Sync {
    /// The campaign.
    async fn find(&self, scope: &WorkspaceScope, id: CampaignId) -> StoreResult<Option<Campaign>>;
    /// Newest first (by id, descending).
    async fn page(&self, scope: &WorkspaceScope, request: &PageRequest) -> StoreResult<Page<Campaign>>;
}

/// The sort key of moves: the day, then the id.
pub type DueKey = (Date, Uuid);

/// Which moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MoveFilter {
    /// Of this campaign only.
    pub campaign: Option<CampaignId>,
    /// In this status only.
    pub status: Option<MoveStatus>,
}

/// Reads moves.
#[async_trait]
pub trait MoveReader: Send + Sync {
    /// The move.
    async fn find(&self, scope: &WorkspaceScope, id: MoveId) -> StoreResult<Option<Move>>;
    /// By due day, then id, ascending.
    async fn page(
        &self,
        scope: &WorkspaceScope,
        filter: MoveFilter,
        request: &PageRequest<DueKey>,
    ) -> StoreResult<Page<Move, DueKey>>;
    /// The open moves that matter on a day: planned ones due up to `until`, and all in progress; of campaigns that
    /// are planned or active, and of none. By due day, then id; at most 100.
    async fn agenda(&self, scope: &WorkspaceScope, until: Date) -> StoreResult<Vec<Move>>;
}

/// Reads daily wins.
#[async_trait]
pub trait DailyWinReader: Send + Sync {
    /// The wins of a day, by id.
    async fn list_on(&self, scope: &WorkspaceScope, date: Date) -> StoreResult<Vec<DailyWin>>;
    /// The days up to `until` with at least one done win, newest first, at most 400.
    async fn done_days(&self, scope: &WorkspaceScope, until: Date) -> StoreResult<Vec<Date>>;
}

/// What is asked of the workspace.
#[async_trait]
pub trait WorkspaceCalendar: Send + Sync {
    /// The time zone in which the workspace's days begin.
    async fn time_zone(&self, scope: &WorkspaceScope) -> Result<TimeZone>;
}

/// What is asked of the business context.
#[async_trait]
pub trait IcpDirectory: Send + Sync {
    /// Whether every one of these is an ICP of the workspace.
    async fn all_exist(&self, scope: &WorkspaceScope, ids: &[IcpId]) -> Result<bool>;
}

/// A strategy run that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Execution {
    /// The agent run; poll it.
    pub run_id: RunId,
    /// The campaign.
    pub campaign_id: CampaignId,
    /// The run's status, `queued` when it is new.
    pub status: String,
}

/// What is asked of the agents.
#[async_trait]
pub trait StrategyRuns: Send + Sync {
    /// Queues a run that will plan the campaign. Answers the first run again for the call's idempotency key.
    async fn queue(
        &self,
        ctx: &CallContext,
        scope: &WorkspaceScope,
        campaign: &Campaign,
    ) -> Result<Execution>;
}
