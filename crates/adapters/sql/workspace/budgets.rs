use crate::{
    dialect,
    sql::{Store, TenantUnit, Time, Uid, schema::budgets},
};
use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use kernel::{PicoUsd, StoreError, StoreResult, Timestamp, WorkspaceScope};
use workspace::{
    Budget,
    ports::{BudgetReader, BudgetRepository},
};

type Row = (Option<i64>, i32);

fn budget(row: Option<Row>) -> Budget {
    row.map_or(Budget::UNSET, |(limit, version)| Budget { limit: limit.map(PicoUsd::new), version })
}

#[async_trait]
impl BudgetRepository for TenantUnit {
    async fn find(&mut self) -> StoreResult<Budget> {
        let own = budgets::table
            .filter(budgets::workspace_id.eq(self.workspace()))
            .select((budgets::monthly_limit, budgets::version));
        let found = dialect::held!(own).first::<Row>(self.conn()?).await.optional();
        Ok(budget(self.note(found)?))
    }

    async fn save(&mut self, budget: &Budget, at: Timestamp) -> StoreResult<()> {
        let own = budgets::workspace_id.eq(self.workspace());
        let values = (
            budgets::monthly_limit.eq(budget.limit.map(PicoUsd::pico)),
            budgets::version.eq(budget.version),
            budgets::updated_at.eq(Time(at)),
        );
        let saved = if budget.version == Budget::UNSET.version + 1 {
            diesel::insert_into(budgets::table)
                .values((own, values))
                .on_conflict_do_nothing()
                .execute(self.conn()?)
                .await
        } else {
            let stored = budgets::table.filter(own).filter(budgets::version.eq(budget.version - 1));
            diesel::update(stored).set(values).execute(self.conn()?).await
        };
        if self.note(saved)? == 1 { Ok(()) } else { Err(StoreError::Stale) }
    }
}

#[async_trait]
impl BudgetReader for Store {
    async fn find(&self, scope: &WorkspaceScope) -> StoreResult<Budget> {
        let query = budgets::table
            .filter(budgets::workspace_id.eq(Uid::from(scope.workspace())))
            .select((budgets::monthly_limit, budgets::version));
        let rows: Vec<Row> = self.read(scope, query).await?;
        Ok(budget(rows.into_iter().next()))
    }
}
