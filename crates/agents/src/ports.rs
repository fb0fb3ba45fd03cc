//! What this crate needs of a store and of its neighbours.
//!
//! Repositories work inside a unit of work, which knows the tenant; readers take the scope and cost one round trip.
//! Every adapter MUST answer for rows of the scope's workspace only: another workspace's id is like an unknown one.

pub mod models;

use crate::{
    Agent, AgentRun, AgentStep, Lord, Result, RunKind, RunStatus,
    tasks::strategy::{CampaignBrief, StrategyPlan},
};
use async_trait::async_trait;
use kernel::{
    AgentId, CallContext, CampaignId, Page, PageRequest, RunId, StoreResult, TimeZone, UnitOfWork,
    WorkspaceScope,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The council, inside a unit of work.
#[async_trait]
pub trait AgentRepository: Send {
    /// Seats a lord. MUST answer `Conflict` when the workspace has this lord already.
    async fn insert(&mut self, agent: &Agent) -> StoreResult<()>;
    /// The lords that are seated, in any order.
    async fn seated(&mut self) -> StoreResult<Vec<Lord>>;
    /// The agent in this seat.
    async fn find_lord(&mut self, lord: Lord) -> StoreResult<Option<Agent>>;
}

/// Runs, inside a unit of work.
#[async_trait]
pub trait RunRepository: Send {
    /// Stores a new one. MUST answer `Conflict` when a run of this workspace has the same
    /// [live key](AgentRun::live_key).
    async fn insert(&mut self, run: &AgentRun) -> StoreResult<()>;
    /// The run; two open units MUST NOT both go on from the same version.
    async fn find(&mut self, id: RunId) -> StoreResult<Option<AgentRun>>;
    /// The run with this live key.
    async fn find_live(&mut self, live_key: &str) -> StoreResult<Option<AgentRun>>;
    /// Replaces the row that has version `expected`. MUST answer `Stale` when there is none.
    async fn save(&mut self, run: &AgentRun, expected: i32) -> StoreResult<()>;
}

/// The journal of runs, inside a unit of work. Nothing in it is ever changed.
#[async_trait]
pub trait StepJournal: Send {
    /// Adds a step. MUST answer `Conflict` when the run has a step of this number, `Dangling` when the run is not in
    /// this workspace.
    async fn append(&mut self, step: &AgentStep) -> StoreResult<()>;
}

/// The unit of work of this crate.
pub trait AgentTx: kernel::Tx {
    /// The council.
    fn agents(&mut self) -> &mut dyn AgentRepository;
    /// Runs.
    fn runs(&mut self) -> &mut dyn RunRepository;
    /// Their journal.
    fn steps(&mut self) -> &mut dyn StepJournal;
    /// Keys of providers.
    fn provider_keys(&mut self) -> &mut dyn models::ProviderKeyRepository;
}

/// This crate's store.
pub type AgentUow = dyn UnitOfWork<dyn AgentTx, WorkspaceScope>;

/// Reads the council.
#[async_trait]
pub trait AgentReader: Send + Sync {
    /// All agents, in any order; there are seven at most.
    async fn list(&self, scope: &WorkspaceScope) -> StoreResult<Vec<Agent>>;
    /// The agent.
    async fn find(&self, scope: &WorkspaceScope, id: AgentId) -> StoreResult<Option<Agent>>;
}

/// Which runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RunFilter {
    /// In this status only.
    pub status: Option<RunStatus>,
    /// Of this kind only.
    pub kind: Option<RunKind>,
    /// About this subject only.
    pub subject: Option<Uuid>,
}

/// Reads runs.
#[async_trait]
pub trait RunReader: Send + Sync {
    /// The run.
    async fn find(&self, scope: &WorkspaceScope, id: RunId) -> StoreResult<Option<AgentRun>>;
    /// Newest first (by id, descending).
    async fn page(
        &self,
        scope: &WorkspaceScope,
        filter: RunFilter,
        request: &PageRequest,
    ) -> StoreResult<Page<AgentRun>>;
}

/// Reads the journal.
#[async_trait]
pub trait StepReader: Send + Sync {
    /// The steps of a run by number, ascending; none for an unknown run.
    async fn list(&self, scope: &WorkspaceScope, run: RunId) -> StoreResult<Vec<AgentStep>>;
}

/// The business context as the agents get it.
#[derive(Debug, Clone, PartialEq)]
pub struct CurrentContext {
    /// Its version number.
    pub version: i32,
    /// The document.
    pub document: serde_json::Value,
}

/// What is asked of the business context and of the workspace.
#[async_trait]
pub trait ContextSource: Send + Sync {
    /// The newest version; `None` before there is one.
    async fn current(&self, scope: &WorkspaceScope) -> Result<Option<CurrentContext>>;
    /// The time zone in which the workspace's days begin.
    async fn time_zone(&self, scope: &WorkspaceScope) -> Result<TimeZone>;
}

/// What a plan did to its campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applied {
    /// How many moves the campaign got.
    pub moves: u32,
}

/// What is asked of campaigns.
#[async_trait]
pub trait CampaignDesk: Send + Sync {
    /// The campaign as planning needs it; `None` for one that is not this workspace's.
    async fn brief(&self, scope: &WorkspaceScope, campaign: CampaignId) -> Result<Option<CampaignBrief>>;
    /// Makes the plan the campaign's moves, in the campaign's own unit of work. MUST be idempotent by `run`: a
    /// repetition changes nothing and answers the same.
    async fn apply(
        &self,
        ctx: &CallContext,
        scope: &WorkspaceScope,
        run: RunId,
        campaign: CampaignId,
        plan: &StrategyPlan,
    ) -> Result<Applied>;
}
