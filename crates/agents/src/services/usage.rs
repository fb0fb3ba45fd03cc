//! What models cost a workspace.

use crate::{
    Result,
    dispatch::{BudgetMonth, Spending},
    ports::models::{BudgetLimits, ModelCallReader},
};
use kernel::{Area, Environment, PicoUsd, Timestamp, WorkspaceScope};
use std::sync::Arc;

/// Reads the ledger of costs.
#[derive(Clone)]
#[expect(missing_docs, reason = "the fields are the ports, by their types' names")]
pub struct UsageService {
    pub calls: Arc<dyn ModelCallReader>,
    pub limits: Arc<dyn BudgetLimits>,
    pub env: Environment,
}

/// The budget of the month that runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MonthView {
    /// The month.
    pub month: BudgetMonth,
    /// What is spent and held.
    pub spending: Spending,
    /// The limit that holds; `None` when there is none.
    pub limit: Option<PicoUsd>,
    /// When it counts from nothing again.
    pub resets_at: Timestamp,
}

impl UsageService {
    /// The month that runs.
    ///
    /// # Errors
    /// The role is too low, or the store's.
    pub async fn month(&self, scope: &WorkspaceScope) -> Result<MonthView> {
        scope.require(Area::Ai.read())?;
        let month = BudgetMonth::of(self.env.now());
        let spending = self.calls.spending(scope, month).await?;
        let limit = self.limits.limit(scope).await?;
        Ok(MonthView { month, spending, limit, resets_at: month.ends_at() })
    }
}
