//! What models cost a workspace.

use crate::{
    Result,
    dispatch::{BudgetMonth, CallGroup, CallTally, Operation, Provider, Spending},
    ports::models::{BudgetLimits, ModelCallReader},
};
use kernel::{Area, Date, Environment, PicoUsd, Timestamp, WorkspaceScope};
use std::{collections::BTreeMap, sync::Arc};

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

/// What the calls of a month come to. Each part adds up to the whole, and the whole to what the ledger says was spent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnalyticsView {
    /// The month.
    pub month: BudgetMonth,
    /// All of them.
    pub total: CallTally,
    /// By who served which model.
    pub models: BTreeMap<(Provider, String), CallTally>,
    /// By what was asked for.
    pub operations: BTreeMap<Operation, CallTally>,
    /// By the day on which they began, in UTC.
    pub days: BTreeMap<Date, CallTally>,
}

impl AnalyticsView {
    fn of(month: BudgetMonth, groups: Vec<CallGroup>) -> Self {
        let mut view = Self {
            month,
            total: CallTally::default(),
            models: BTreeMap::new(),
            operations: BTreeMap::new(),
            days: BTreeMap::new(),
        };
        for group in groups {
            view.total.add(&group);
            view.operations.entry(group.operation).or_default().add(&group);
            view.days.entry(group.day).or_default().add(&group);
            view.models.entry((group.provider, group.model.clone())).or_default().add(&group);
        }
        view
    }
}

impl UsageService {
    /// What the calls of a month come to; those of the month that runs without one.
    ///
    /// # Errors
    /// The role is too low, or the store's.
    pub async fn analytics(
        &self,
        scope: &WorkspaceScope,
        month: Option<BudgetMonth>,
    ) -> Result<AnalyticsView> {
        scope.require(Area::Ai.read())?;
        let month = month.unwrap_or_else(|| BudgetMonth::of(self.env.now()));
        let groups = self.calls.groups(scope, month).await?;
        Ok(AnalyticsView::of(month, groups))
    }

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
