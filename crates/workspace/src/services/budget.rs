//! The AI budget: what the owner lets a workspace spend in a month.

use crate::{
    Result, events,
    model::{self, Budget, BudgetView},
    ports::{BudgetReader, WorkspaceUow},
};
use kernel::{Area, CallContext, Environment, FieldErrors, PicoUsd, Role, StoreError, WorkspaceScope};
use std::sync::Arc;

/// Shows and sets AI budgets.
#[derive(Clone)]
pub struct BudgetService {
    /// The store.
    pub uow: Arc<WorkspaceUow>,
    /// Reads them.
    pub budgets: Arc<dyn BudgetReader>,
    /// The limit of every workspace of this installation.
    pub default: Option<PicoUsd>,
    /// Clock and ids.
    pub env: Environment,
}

impl BudgetService {
    /// The budget and the limit that holds.
    ///
    /// # Errors
    /// [`Error::Denied`](crate::Error::Denied) for a key without the scope, and the store's.
    pub async fn get(&self, scope: &WorkspaceScope) -> Result<BudgetView> {
        scope.require(Area::Budget.read())?;
        Ok(self.view(self.budgets.find(scope).await?))
    }

    /// Sets the owner's limit, a decimal of dollars, or takes it away, when the budget has the version that the caller
    /// saw. The limit that is there already is no change.
    ///
    /// # Errors
    /// [`Error::Denied`](crate::Error::Denied) below owner and for keys; [`Error::Invalid`](crate::Error::Invalid); a
    /// `Stale` store error for another version.
    pub async fn set(
        &self,
        ctx: &CallContext,
        scope: &WorkspaceScope,
        limit: Option<&str>,
        expected: Option<i32>,
    ) -> Result<BudgetView> {
        scope.require(Area::Budget.write().by(Role::Owner))?;
        let limit = limit.map(model::limit).transpose();
        let limit = limit.map_err(|violation| FieldErrors::one("/limit_usd", violation))?;
        let now = self.env.now();
        let budget: Result<Budget> = self
            .uow
            .run(scope, async |tx| {
                let budget = tx.budgets().find().await?;
                if expected.is_some_and(|expected| expected != budget.version) {
                    return Err(StoreError::Stale.into());
                }
                if limit == budget.limit && budget.version > 0 {
                    return Ok(budget);
                }
                let changed = Budget { limit, version: budget.version + 1 };
                tx.budgets().save(&changed, now).await?;
                let told = events::budget_changed(&self.env, ctx, scope.workspace(), &changed);
                tx.events().append(told).await?;
                Ok(changed)
            })
            .await;
        Ok(self.view(budget?))
    }

    fn view(&self, budget: Budget) -> BudgetView {
        BudgetView {
            budget,
            default: self.default,
            effective: model::effective([budget.limit, self.default]),
            resets_at: model::next_month(self.env.now()),
        }
    }
}
