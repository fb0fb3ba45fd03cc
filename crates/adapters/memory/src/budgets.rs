use crate::{store::Store, unit::Unit};
use ::workspace::{
    Budget,
    ports::{BudgetReader, BudgetRepository},
};
use async_trait::async_trait;
use kernel::{StoreError, StoreResult, Timestamp, WorkspaceId, WorkspaceScope};
use std::collections::BTreeMap;

#[derive(Clone, Default)]
pub(crate) struct State(BTreeMap<WorkspaceId, Budget>);

impl State {
    pub(crate) fn purge(&mut self, workspace: WorkspaceId) {
        self.0.remove(&workspace);
    }

    fn of(&self, workspace: WorkspaceId) -> Budget {
        self.0.get(&workspace).copied().unwrap_or(Budget::UNSET)
    }
}

#[async_trait]
impl BudgetRepository for Unit<WorkspaceScope> {
    async fn find(&mut self) -> StoreResult<Budget> {
        self.statement(|unit| Ok(unit.state.budgets.of(unit.scope.workspace())))
    }

    async fn save(&mut self, budget: &Budget, _: Timestamp) -> StoreResult<()> {
        self.statement(|unit| {
            let own = unit.scope.workspace();
            if unit.state.budgets.of(own).version + 1 != budget.version {
                return Err(StoreError::Stale);
            }
            unit.state.budgets.0.insert(own, *budget);
            Ok(())
        })
    }
}

#[async_trait]
impl BudgetReader for Store {
    async fn find(&self, scope: &WorkspaceScope) -> StoreResult<Budget> {
        Ok(self.state().await?.budgets.of(scope.workspace()))
    }
}
